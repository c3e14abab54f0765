import { majorityOf } from './cluster.js'
import { tallyOf, votingSets } from './rules.js'
import type { World } from './world.js'

/**
 * A node's permission to run what is exclusive. It lasts while a majority of voters has acknowledged beats that this node sent less than
 * the lease's time ago; who is not acknowledged that long has stopped everything before any voter takes it for dead. Once over it is not
 * renewed: a new one begins when nothing is held.
 *
 * Leases that end by themselves: C. Gray and D. Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file cache
 * consistency", SOSP 1989.
 */
export interface Lease {
  /** By voter: when the newest beat that it acknowledged was sent, in milliseconds of this node's clock. */
  readonly ackedMs: Readonly<Record<string, number>>
  /**
   * An end that is known from before: of an earlier daemon on this node, or while voters have only just been told to vote. Infinity where a majority has heard the farewell
   * of an earlier daemon, and nobody this one yet: it is the lease's time behind the return then.
   */
  readonly carriedUntilMs: number | null
  /** There is one, or was. */
  readonly begun: boolean
  /** It is over, and something may still be held. */
  readonly lapsed: boolean
  /** Acknowledgements of beats sent earlier count for nothing, in milliseconds. */
  readonly sinceMs: number
  /** Evictions that voters told of, by voter: named in beats, so that the voter may end them once nothing is held. */
  readonly refusals: Readonly<Record<string, string>>
}

export const noLease = (nowMs: number): Lease => ({
  ackedMs: {},
  carriedUntilMs: null,
  begun: false,
  lapsed: false,
  sinceMs: nowMs,
  refusals: {},
})

/** The lease of a node that is about to be heard for the first time: from now on voters count its silence. */
export function leaseAtReturn({ lease, nowMs, cluster }: World): Lease {
  if (lease.carriedUntilMs !== Infinity) return lease
  return { ...lease, carriedUntilMs: nowMs + cluster.heartbeat.leaseMs }
}

/** May this node run what is exclusive, at that date? Always, where no quorum is asked for. */
export function hasLease(world: World, nowMs = world.nowMs): boolean {
  if (!world.cluster.quorum) return true
  return !world.lease.lapsed && nowMs < leaseEndsMs(world, nowMs)
}

/** Is everything exclusive to be stopped by force? */
export const isLapsed = (world: World): boolean => world.cluster.quorum && world.lease.lapsed

/** Monotonic milliseconds; in the past where there is no lease. */
export function leaseEndsMs(world: World, nowMs = world.nowMs): number {
  const { carriedUntilMs } = world.lease
  return Math.max(leaseBaseMs(world, nowMs) + world.cluster.heartbeat.leaseMs, carriedUntilMs ?? -Infinity)
}

/** When the newest beat was sent that a majority has acknowledged, of every set of voters; this node acknowledges itself at once. */
function leaseBaseMs(world: World, nowMs = world.nowMs): number {
  const { ackedMs } = world.lease
  let baseMs = Infinity
  for (const set of votingSets(world)) {
    const acked = set.map(({ name }) => (name === world.self ? nowMs : (ackedMs[name] ?? -Infinity)))
    baseMs = Math.min(baseMs, reachedBy(majorityOf(set.length), acked))
  }
  return baseMs
}

/** The latest date that so many of these have reached. Asked several times with each beat, of a handful: nothing is sorted. */
function reachedBy(many: number, datesMs: readonly number[]): number {
  let latestMs = -Infinity
  for (const dateMs of datesMs) {
    if (dateMs <= latestMs) continue
    let reached = 0
    for (const otherMs of datesMs) if (otherMs >= dateMs) reached += 1
    if (reached >= many) latestMs = dateMs
  }
  return latestMs
}

/** Is the voter's acknowledgement fresh? This node's own always is. */
function acknowledges(world: World, voter: string): boolean {
  const ackedMs = world.lease.ackedMs[voter] ?? -Infinity
  return voter === world.self || world.nowMs - ackedMs < world.cluster.heartbeat.leaseMs
}

/** Why there is none, in words that complete "no lease:". */
export function leaseWords(world: World): string {
  const { votes, voters, needed } = tallyOf(world, (voter) => acknowledges(world, voter))
  const refusing = Object.keys(world.lease.refusals).sort()
  const refused = refusing.length === 0 ? '' : `; ${refusing.join(', ')} refused it for another node's claim`
  return `only ${votes} of ${voters} voters acknowledge ${world.self}, ${needed} are needed${refused}`
}
