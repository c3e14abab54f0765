import { ok, type Result } from '../../../core/result.js'
import { physicalVolumesOf } from '../../kit/lvm.js'
import { signaturesOf } from '../../kit/signatures.js'
import type { Look } from '../../look.js'

/** A device that is to become a physical volume. */
export interface Candidate {
  readonly device: string
  readonly exists: boolean
  /** Type of what is on it already; null for nothing. */
  readonly holds: string | null
  /** Volume group that it belongs to. */
  readonly group: string | null
}

const PHYSICAL_VOLUME = 'LVM2_member'

/** The devices of a list in which shell patterns stand for what is there. */
export async function candidatesOf(
  look: Look,
  pvs: readonly string[],
): Promise<Result<readonly Candidate[]>> {
  const candidates: Candidate[] = []
  for (const pattern of pvs) {
    for (const device of await expanded(look, pattern)) {
      const candidate = await candidateAt(look, device)
      if (!candidate.ok) return candidate
      candidates.push(candidate.value)
    }
  }
  return ok(candidates)
}

async function expanded(look: Look, pattern: string): Promise<readonly string[]> {
  if (!/[*?[]/.test(pattern)) return [pattern]
  const at = pattern.lastIndexOf('/')
  const listed = await look.io.files.list(pattern.slice(0, at))
  const names = listed.ok ? listed.value.filter((name) => matches(name, pattern.slice(at + 1))) : []
  return names.length === 0 ? [pattern] : names.map((name) => `${pattern.slice(0, at)}/${name}`)
}

/** Shell patterns in the last part of a path: `*`, `?` and `[…]` (glob(7)). */
export function matches(name: string, pattern: string): boolean {
  const expression = pattern.replaceAll(/\[!?[^\]]+\]|[*?]|[.+^${}()|\\]/g, (part) => {
    if (part === '*') return '.*'
    if (part === '?') return '.'
    return part.startsWith('[') && part.length > 1 ? part.replace('[!', '[^') : `\\${part}`
  })
  return new RegExp(`^${expression}$`).test(name)
}

async function candidateAt(look: Look, device: string): Promise<Result<Candidate>> {
  const nothing = { device, exists: false, holds: null, group: null }
  if ((await look.io.files.stat(device)) === null) return ok(nothing)
  const signatures = await signaturesOf(look, device)
  if (!signatures.ok) return signatures
  const holds = signatures.value[0]?.type ?? null
  const group = holds === PHYSICAL_VOLUME ? await groupOf(look, device) : ok(null)
  return group.ok ? ok({ device, exists: true, holds, group: group.value }) : group
}

/** LVM may know the device by another of its names. */
async function groupOf(look: Look, device: string): Promise<Result<string | null>> {
  const known = await physicalVolumesOf(look)
  if (!known.ok) return known
  const real = await look.io.files.realpath(device)
  for (const pv of known.value) {
    const other = await look.io.files.realpath(pv.device)
    const same = pv.device === device || (real.ok && other.ok && real.value === other.value)
    if (same && pv.group !== '') return ok(pv.group)
  }
  return ok(null)
}

export const isPhysicalVolume = (candidate: Candidate): boolean => candidate.holds === PHYSICAL_VOLUME
