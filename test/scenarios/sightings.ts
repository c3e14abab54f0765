// PURE. What a watcher outside of the nodes saw, and whether it ever saw two.

/** Dates are in milliseconds since 1970. */
export type Sighting =
  /** The program of the service runs on these nodes, from then on; on the frozen ones it is stopped between two instructions, and would go on with the next one. */
  | {
      readonly kind: 'runs'
      readonly atMs: number
      readonly on: readonly string[]
      readonly frozen: readonly string[]
    }
  /** Who answers a client at the address, from then on; null: nobody. */
  | { readonly kind: 'answers'; readonly atMs: number; readonly who: string | null }
  /** Who said by ARP, at that moment, that the address is his: a MAC. */
  | { readonly kind: 'owns'; readonly atMs: number; readonly who: string }
  /** The watcher was awake: how long at most, since it said so before, it had not looked. */
  | { readonly kind: 'looked'; readonly atMs: number; readonly blindMs: number }

export interface Two {
  readonly what: 'two run it' | 'two answer for the address'
  readonly who: readonly string[]
  /** Those of them that were frozen. */
  readonly frozen: readonly string[]
  readonly fromMs: number
  readonly toMs: number
}

/** An owner that does not answer for so long was none meanwhile; requests go out more often than that. */
const ARP_GAP_MS = 150

/** A guard ends what a node that was paused for too long still has within this time of the node's resumption. */
const RESUMED_MS = 1000

/** Every time at which two ran the service or answered for its address, between two dates. What is frozen counts: nobody knows when it goes on. */
export function twoAtOnce(seen: readonly Sighting[], fromMs: number, toMs: number): readonly Two[] {
  const inTime = ({ fromMs: from, toMs: to }: Two): boolean => to >= fromMs && from <= toMs
  return [...twoRunning(seen, toMs), ...twoOwners(seen)].filter(inTime)
}

function twoRunning(seen: readonly Sighting[], endMs: number): readonly Two[] {
  const runs = seen.filter((one) => one.kind === 'runs')
  return runs.flatMap(({ on, frozen, atMs }, index) => {
    const [who, toMs] = [[...on, ...frozen], runs[index + 1]?.atMs ?? endMs]
    return who.length < 2 ? [] : [{ what: 'two run it', who, frozen, fromMs: atMs, toMs } as const]
  })
}

/** Where nothing but its guard protects from a paused node: it is frozen beside another one, and has a moment after its resumption. */
export function isBeyondGuard({ who, frozen, fromMs, toMs }: Two, resumedMs: number): boolean {
  if (who.length - frozen.length < 2) return true
  return fromMs >= resumedMs && toMs - resumedMs <= RESUMED_MS
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
      const who = [one.who, other.who]
      return [{ what: 'two answer for the address', who, frozen: [], fromMs, toMs } as const]
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

/** The nodes that ran it between two dates, one after the other: each one but the first took it over. */
export function ranIn(seen: readonly Sighting[], fromMs: number, toMs: number): readonly string[] {
  const runs = seen.filter((one) => one.kind === 'runs')
  const inTime = runs.filter(({ atMs }, index) => atMs <= toMs && (runs[index + 1]?.atMs ?? toMs) >= fromMs)
  return inTurn(inTime.flatMap(({ on }) => on))
}

/** Who answered clients between two dates, one after the other. */
export function answeredIn(seen: readonly Sighting[], fromMs: number, toMs: number): readonly string[] {
  const answers = seen.filter((one) => one.kind === 'answers' && one.atMs >= fromMs && one.atMs <= toMs)
  return inTurn(answers.flatMap((one) => (one.kind === 'answers' && one.who !== null ? [one.who] : [])))
}

const inTurn = (names: readonly string[]): readonly string[] =>
  names.filter((one, index) => one !== names[index - 1])

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
