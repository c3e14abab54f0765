import { atLeast, type ClaimName, type Eviction } from './document.js'
import { hasLease } from './lease.js'
import { instanceOn, ownDocument } from './view.js'
import type { World } from './world.js'

/** What a beat says of its sender besides that it lives. */
export interface Pledge {
  readonly incarnation: number
  /** Counts the sender's beats within its incarnation. */
  readonly seq: number
  readonly hasLease: boolean
  /** Nothing is held, starting or stopping. */
  readonly clean: boolean
  /** Ids of the evictions that the sender was told of, by voter. */
  readonly names: Readonly<Record<string, string>>
}

/** What a voter knows of a peer's beats. */
export interface Vote {
  /** Monotonic milliseconds of the last acknowledgement, or since when beats are awaited. */
  readonly ackedAtMs: number
  /** The newest beat. */
  readonly beat: Pledge | null
  readonly verdict: Verdict
  /** Monotonic milliseconds since when its beats say that it has no lease; absent where the newest says that it has one, or there is none. */
  readonly leaselessSinceMs?: number
}

/**
 * A peer that is heard and gets no lease for as long as the timeout will start nothing: it is too far away from a majority, which its beats alone do
 * not show. One that has just begun is given that long.
 */
export function leaseless(world: World, peer: string): boolean {
  const atMs = leaselessAtMs(world, peer)
  return atMs !== null && atMs <= world.nowMs
}

/** Monotonic milliseconds from which on it counts as such, if nothing else comes; null where it has a lease. */
export function leaselessAtMs(world: World, peer: string): number | null {
  const sinceMs = world.cluster.quorum ? world.votes[peer]?.leaselessSinceMs : undefined
  return sinceMs === undefined ? null : sinceMs + world.cluster.heartbeat.timeoutMs
}

/**
 * `refused`: the peer is evicted and the answer names the eviction. `shunned`: it has no lease and gives no answer to a claim, like a node
 * that can send and not receive, or goes by rules that are over; it is not helped to a new one.
 */
export type Verdict = 'acknowledged' | 'refused' | 'shunned'

/** Was the first pledge given later than the second one? */
export function isNewerBeat(beat: Pledge, than: Pledge | null): boolean {
  if (than === null) return true
  return beat.incarnation > than.incarnation || (beat.incarnation === than.incarnation && beat.seq > than.seq)
}

/** Claims that stand by the newest word of those who made them. */
export function standingClaims(world: World): readonly ClaimName[] {
  const claims: ClaimName[] = []
  for (const { node, incarnation, instances } of Object.values(world.documents)) {
    // asked at each look, of every instance there is: no list of them is made
    for (const service in instances) {
      const place = instances[service]?.place
      if (place?.kind === 'claimed') claims.push({ node, incarnation, service, since: place.since })
    }
  }
  return claims
}

/** Is the claim over by the newest word of who made it: neither standing, nor held on its ground? */
export function isOver(world: World, claim: ClaimName): boolean {
  const document = world.documents[claim.node]
  if (document === undefined || document.incarnation < claim.incarnation) return false
  if (document.incarnation > claim.incarnation) return true
  if (document.generation < claim.since) return false
  const place = instanceOn(world, claim.node, claim.service)?.place
  return place === undefined || place.kind === 'none' || place.since !== claim.since
}

export const sameClaim = (a: ClaimName, b: ClaimName): boolean =>
  a.node === b.node && a.incarnation === b.incarnation && a.service === b.service && a.since === b.since

/** Had the peer merged the claim when it wrote its newest document? */
export const hasSeen = (world: World, peer: string, claim: ClaimName): boolean =>
  atLeast(world.documents[peer]?.seen[claim.node], {
    incarnation: claim.incarnation,
    generation: claim.since,
  })

export const evictionOf = (world: World, peer: string): Eviction | undefined =>
  ownDocument(world).evictions[peer]

/** Voters whose document says that they have evicted the peer for this claim. */
export function evictedBy(world: World, peer: string, claim: ClaimName): readonly string[] {
  return Object.values(world.documents)
    .filter(({ evictions }) => evictions[peer]?.claims.some((one) => sameClaim(one, claim)) === true)
    .map(({ node }) => node)
    .sort()
}

/** What this node's beats say of it. */
export function pledgeOf(world: World, nowMs: number): Omit<Pledge, 'seq'> {
  const own = ownDocument(world)
  return {
    incarnation: own.incarnation,
    hasLease: hasLease(world, nowMs),
    clean: isClean(world),
    names: world.lease.refusals,
  }
}

/** Nothing is held, starting or stopping, as far as was looked. */
export function isClean(world: World): boolean {
  if (world.boot.phase === 'probing') return false
  const acts = Object.values(world.actions).some(({ action }) => action !== 'prepare')
  if (acts) return false
  const { instances } = ownDocument(world)
  // asked for each beat, of each service: no list is made
  for (const name in world.services) {
    const instance = instances[name]
    if (instance === undefined && world.services[name]?.service.nodes.includes(world.self)) return false
    if (instance?.place.kind === 'held') return false
  }
  return true
}

/** The answer to a peer's beat; undefined where there is no quorum. */
export function voteOn(
  world: World,
  peer: string,
  incarnation: number,
  seq: number,
): { incarnation: number; granted: boolean; eviction: string | null } | undefined {
  const vote = world.votes[peer]
  if (!world.cluster.quorum || vote === undefined) return undefined
  // An older beat than the newest that was counted gets no acknowledgement: it may have waited anywhere.
  const newest = vote.beat?.incarnation === incarnation && vote.beat.seq === seq
  const granted = newest && vote.verdict === 'acknowledged'
  return { incarnation, granted, eviction: evictionOf(world, peer)?.id ?? null }
}
