// PURE. What a watcher outside of the nodes saw, and whether it ever saw two.

/** Dates are in milliseconds since 1970. */
export type Sighting =
  /** The program of the service runs on these nodes, from then on; a node whose processes are all stopped runs nothing. */
  | { readonly kind: 'runs'; readonly atMs: number; readonly on: readonly string[] }
  /** Who answers a client at the address, from then on; null: nobody. */
  | { readonly kind: 'answers'; readonly atMs: number; readonly who: string | null }
  /** Who said by ARP, at that moment, that the address is his: a MAC. */
  | { readonly kind: 'owns'; readonly atMs: number; readonly who: string }
  /** The watcher was awake: how long at most, since it said so before, it had not looked. */
  | { readonly kind: 'looked'; readonly atMs: number; readonly blindMs: number }

export interface Two {
  readonly what: 'two run it' | 'two answer for the address'
  readonly who: readonly string[]
  readonly fromMs: number
  readonly toMs: number
}

/** An owner that does not answer for so long was none meanwhile; requests go out more often than that. */
const ARP_GAP_MS = 150

/** Every time at which two ran the service or answered for its address, between two dates. */
export function twoAtOnce(seen: readonly Sighting[], fromMs: number, toMs: number): readonly Two[] {
  const inTime = ({ fromMs: from, toMs: to }: Two): boolean => to >= fromMs && from <= toMs
  return [...twoRunning(seen, toMs), ...twoOwners(seen)].filter(inTime)
}

function twoRunning(seen: readonly Sighting[], endMs: number): readonly Two[] {
  const runs = seen.filter((one) => one.kind === 'runs')
  return runs.flatMap(({ on, atMs }, index) =>
    on.length < 2
      ? []
      : [{ what: 'two run it', who: on, fromMs: atMs, toMs: runs[index + 1]?.atMs ?? endMs } as const],
  )
}

interface Ownership {
  readonly who: string
  readonly fromMs: number
  readonly toMs: number
}

function twoOwners(seen: readonly Sighting[]): readonly Two[] {
  const owners = ownerships(seen)
  return owners.flatMap((one, index) =>
    owners.slice(index + 1).flatMap((other) => {
      const [fromMs, toMs] = [Math.max(one.fromMs, other.fromMs), Math.min(one.toMs, other.toMs)]
      if (one.who === other.who || fromMs >= toMs) return []
      return [{ what: 'two answer for the address', who: [one.who, other.who], fromMs, toMs } as const]
    }),
  )
}

function ownerships(seen: readonly Sighting[]): readonly Ownership[] {
  const all: Ownership[] = []
  const latest = new Map<string, number>()
  for (const sighting of seen) {
    if (sighting.kind !== 'owns') continue
    const { who, atMs } = sighting
    const index = latest.get(who)
    const known = index === undefined ? undefined : all[index]
    if (index !== undefined && known !== undefined && atMs - known.toMs <= ARP_GAP_MS) {
      all[index] = { ...known, toMs: atMs }
      continue
    }
    latest.set(who, all.length)
    all.push({ who, fromMs: atMs, toMs: atMs })
  }
  return all
}

/** Who answered clients between two dates, one after the other. */
export function answeredIn(seen: readonly Sighting[], fromMs: number, toMs: number): readonly string[] {
  const answers = seen.filter((one) => one.kind === 'answers' && one.atMs >= fromMs && one.atMs <= toMs)
  const who = answers.flatMap((one) => (one.kind === 'answers' && one.who !== null ? [one.who] : []))
  return who.filter((one, index) => one !== who[index - 1])
}

/** How long the longest time was in which no client was answered, between two dates. */
export function longestSilenceMs(seen: readonly Sighting[], fromMs: number, toMs: number): number {
  const answers = seen.filter((one) => one.kind === 'answers')
  const silent = answers.map(({ who, atMs }, index) => {
    const endMs = answers[index + 1]?.atMs ?? toMs
    return who === null ? Math.min(endMs, toMs) - Math.max(atMs, fromMs) : 0
  })
  return Math.max(0, ...silent)
}

/** How long the watcher had its eyes closed at most, between two dates. */
export function longestBlindMs(seen: readonly Sighting[], fromMs: number, toMs: number): number {
  const looked = seen.filter((one) => one.kind === 'looked' && one.atMs >= fromMs && one.atMs <= toMs)
  return Math.max(0, ...looked.map((one) => (one.kind === 'looked' ? one.blindMs : 0)))
}
