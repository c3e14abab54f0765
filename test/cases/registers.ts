import type { RegisterEntry, RegisterWrite, TargetKind, TargetValue } from '../../src/core/register.js'
import { registerKey } from '../../src/core/register.js'
import type { World } from '../../src/core/world.js'
import { target, type Case } from './short-form.js'

/** Wall milliseconds of every case; registers were written a second before. */
export const wallMs = 1_700_000_000_000

/** What operators asked for and declared, of which some nodes may not know yet. */
export function registersOf(c: Case): World['registers'] {
  const writes: RegisterWrite[] = c.freeze.map((name) => ({ kind: 'freeze', name, value: true }))
  for (const [name, how] of Object.entries(c.off)) {
    writes.push({
      kind: 'off',
      name,
      value: { off: true, incarnation: 1, generation: how === 'newest' ? 5 : 4 },
    })
  }
  for (const name of c.left) {
    const value = { off: true, incarnation: 1, generation: Number.MAX_SAFE_INTEGER }
    writes.push({ kind: 'off', name, value })
  }
  if (c.target !== null) writes.push({ kind: 'target', name: 'db1', value: targetOf(c, c.target) })
  const author = ({ kind, name }: RegisterWrite): string =>
    kind === 'off' && c.left.includes(name) ? name : kind === 'off' && name === 'node1' ? 'node2' : 'node1'
  const entries = writes.map((write): RegisterEntry => ({
    ...write,
    stamp: { wallMs: wallMs - 1000, count: 0, node: author(write) },
  }))
  return Object.fromEntries(entries.map((entry) => [registerKey(entry), entry]))
}

function targetOf(c: Case, text: string): TargetValue {
  const end = c.ended === null ? null : { how: c.ended, why: 'by test' }
  const deadlineWallMs = c.late ? wallMs - 1 : wallMs + 60_000
  return { id: target, target: targetKind(text), author: 'test', deadlineWallMs, end }
}

function targetKind(text: string): TargetKind {
  const [kind, node = 'node1'] = text.split('@')
  switch (kind) {
    case 'started':
    case 'stopped':
      return { kind }
    case 'placed':
    case 'restarted':
      return { kind, node }
    case 'provisioned':
    case 'unprovisioned':
    case 'purged':
      return { kind, leader: node }
    default:
      throw new Error(`no such target: ${text}`)
  }
}
