import { majorityOf, votersOf } from './cluster.js'
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
  /** An end that is known from before: of an earlier daemon on this node, or while voters have only just been told to vote. */
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

/** When the newest beat was sent that a majority has acknowledged; this node acknowledges itself at once. */
function leaseBaseMs(world: World, nowMs = world.nowMs): number {
  const voters = votersOf(world.cluster)
  const acked = voters.map((voter) =>
    voter === world.self ? nowMs : (world.lease.ackedMs[voter] ?? -Infinity),
  )
  return acked.toSorted((a, b) => b - a)[majorityOf(voters.length) - 1] ?? -Infinity
}

/** Voters whose acknowledgements are fresh, this node included. */
function acknowledging(world: World): readonly string[] {
  const { ackedMs } = world.lease
  const fresh = (voter: string): boolean =>
    world.nowMs - (ackedMs[voter] ?? -Infinity) < world.cluster.heartbeat.leaseMs
  return votersOf(world.cluster).filter((voter) => voter === world.self || fresh(voter))
}

/** Why there is none, in words that complete "no lease:". */
export function leaseWords(world: World): string {
  const voters = votersOf(world.cluster).length
  const refusing = Object.keys(world.lease.refusals).sort()
  const refused = refusing.length === 0 ? '' : `; ${refusing.join(', ')} refused it for another node's claim`
  return `only ${acknowledging(world).length} of ${voters} voters acknowledge ${world.self}, ${majorityOf(voters)} are needed${refused}`
}
