import { createHash } from 'node:crypto'
import { compareStamps, registerKey, type RegisterEntry, type Stamp } from '../../core/register.js'
import { lostAfterMs, tell, update, type Exchange, type View, type Work } from './exchange-turn.js'

/** Entries of one message together have about this many characters of text. */
const CHUNK_CHARACTERS = 1024 * 1024

/** Hash over which registers are there in which version: equal where two nodes have the same. */
export function hashOf(registers: View['registers']): string {
  const lines = Object.entries(registers).map(
    ([key, { stamp }]) => `${key} ${stamp.wallMs} ${stamp.count} ${stamp.node}`,
  )
  return createHash('sha256').update(lines.sort().join('\n')).digest('base64').slice(0, 22)
}

/** The hash of what this node has; computed anew only where something has changed. */
export function registersHash({ view, before }: Work): string {
  return view.registers === before.registers ? before.registersHash : hashOf(view.registers)
}

/** Is the entry newer than the one that is known, or the first? */
export function newer(registers: View['registers'], entry: RegisterEntry): boolean {
  const known = registers[registerKey(entry)]
  return known === undefined || compareStamps(entry.stamp, known.stamp) > 0
}

/** Does the peer have other registers, and that for longer than a write takes to get around? */
export function compareHash(work: Work, hash: string): boolean {
  const { before, view } = work
  return hash !== registersHash(work) && view.nowMs - before.registersSinceMs >= lostAfterMs(view)
}

/** Says which registers are known, by their stamps, so that the peer sends what is newer. */
export function sendDigest(work: Work, peer: string): void {
  update(work, peer, () => ({ digestMs: work.view.nowMs }))
  const stamps = Object.entries(work.view.registers).map(([key, { stamp }]) => [key, stamp])
  tell(work, peer, { kind: 'digest', registers: Object.fromEntries(stamps) as Record<string, Stamp> })
}

/** Sends what is newer here, asks for what is newer there. */
export function answerDigest(work: Work, peer: string, digest: Readonly<Record<string, Stamp>>): void {
  const { registers } = work.view
  const order = (key: string, stamp: Stamp): number => {
    const known = registers[key]
    return known === undefined ? -1 : compareStamps(known.stamp, stamp)
  }
  const keys = Object.entries(digest).filter(([key, stamp]) => order(key, stamp) < 0)
  if (keys.length > 0) tell(work, peer, { kind: 'wantRegisters', keys: keys.map(([key]) => key) })
  sendEntries(
    work,
    peer,
    Object.entries(registers)
      .filter(([key]) => digest[key] === undefined || order(key, digest[key]) > 0)
      .map(([, entry]) => entry),
  )
}

/** Sends those registers of which this node has a value. */
export function sendRegisters(work: Work, peer: string, keys: readonly string[]): void {
  sendEntries(
    work,
    peer,
    keys.map((key) => work.view.registers[key]).filter((entry) => entry !== undefined),
  )
}

/** Sends what is new here to every peer that does not hear its author; what is written here, to all. */
export function keepRegisters(
  work: Work,
): Pick<Exchange, 'registers' | 'registersSinceMs' | 'registersHash'> {
  const { view, before } = work
  const { registers } = view
  if (registers === before.registers) {
    const { registersSinceMs, registersHash: hash } = before
    return { registers, registersSinceMs, registersHash: hash }
  }
  const changed = Object.entries(registers)
    .filter(([key, entry]) => entry !== before.registers[key])
    .map(([, entry]) => entry)
  if (changed.length === 0) {
    return { registers, registersSinceMs: before.registersSinceMs, registersHash: registersHash(work) }
  }
  for (const peer of Object.keys(work.peers)) {
    const heard = view.documents[peer]?.hears ?? []
    sendEntries(
      work,
      peer,
      changed.filter(
        ({ stamp }) => stamp.node !== peer && !(heard.includes(stamp.node) && stamp.node !== view.self),
      ),
    )
  }
  return { registers, registersSinceMs: view.nowMs, registersHash: registersHash(work) }
}

function sendEntries(work: Work, peer: string, entries: readonly RegisterEntry[]): void {
  let chunk: RegisterEntry[] = []
  let characters = 0
  const flush = (): void => {
    if (chunk.length > 0) tell(work, peer, { kind: 'registers', entries: chunk })
    chunk = []
    characters = 0
  }
  for (const entry of entries) {
    chunk.push(entry)
    characters +=
      500 + (entry.kind === 'config' || entry.kind === 'cluster' ? (entry.value.text?.length ?? 0) : 0)
    if (characters >= CHUNK_CHARACTERS) flush()
  }
  flush()
}
