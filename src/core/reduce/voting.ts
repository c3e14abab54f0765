import { claimedGeneration } from '../generations.js'
import { hasLease, isLapsed, noLease } from '../lease.js'
import { isBehind } from '../rules.js'
import { ownDocument } from '../view.js'
import {
  evictionOf,
  hasSeen,
  isNewerBeat,
  standingClaims,
  type Pledge,
  type Verdict,
  type Vote,
} from '../voting.js'
import type { ClaimName } from '../document.js'
import type { World } from '../world.js'
import { generationsKnown, without, writeOwn } from './own.js'

/** Before anything else, each event meets a lease that is compared with the clock: once over, it is over for good. */
export function leaseCompared(world: World): World {
  if (!world.cluster.quorum || world.lease.lapsed) return world
  const has = hasLease(world)
  if (has === world.lease.begun) return world
  return { ...world, lease: { ...world.lease, begun: true, lapsed: !has } }
}

/** Nothing is held any more: acknowledgements of later beats begin a new lease. */
export const lapseEnded = (world: World): World => ({
  ...world,
  lease: { ...noLease(world.nowMs), refusals: world.lease.refusals },
})

/** Counts a beat that is newer than any before, and judges it. */
export function beatCounted(before: World, peer: string, beat: Pledge): World {
  const vote = before.votes[peer]
  if (!before.cluster.quorum || vote === undefined || !isNewerBeat(beat, vote.beat)) return before
  const world = evictionAnswered(before, peer, beat)
  const verdict = judged(world, peer, beat)
  const ackedAtMs = verdict === 'acknowledged' ? world.nowMs : vote.ackedAtMs
  const since = beat.hasLease ? {} : { leaselessSinceMs: vote.leaselessSinceMs ?? world.nowMs }
  return withVote(world, peer, { ackedAtMs, beat, verdict, ...since })
}

/** An evicted peer that names its eviction and holds nothing is evicted no longer. */
function evictionAnswered(world: World, peer: string, beat: Pledge): World {
  const eviction = evictionOf(world, peer)
  if (eviction === undefined || !beat.clean || beat.names[world.self] !== eviction.id) return world
  return writeOwn(world, { evictions: without(ownDocument(world).evictions, peer) })
}

function judged(world: World, peer: string, beat: Pledge): Verdict {
  if (evictionOf(world, peer) !== undefined) return 'refused'
  if (isBehind(world, peer)) return 'shunned'
  if (beat.hasLease) return 'acknowledged'
  const unanswered = standingClaims(world).some(
    (claim) => claim.node !== peer && !hasSeen(world, peer, claim),
  )
  return unanswered ? 'shunned' : 'acknowledged'
}

/** Waiting for the peer begins anew: a voter that was told of its return has had no chance to acknowledge it yet. */
export function awaited(world: World, peer: string): World {
  const vote = world.votes[peer]
  return vote === undefined ? world : withVote(world, peer, { ...vote, ackedAtMs: world.nowMs })
}

const withVote = (world: World, peer: string, vote: Vote): World => ({
  ...world,
  votes: { ...world.votes, [peer]: vote },
})

export interface Acknowledgement {
  readonly voter: string
  /** Of this node, when it sent the beat. */
  readonly incarnation: number
  /** When the beat was sent, on this node's clock. */
  readonly sentMs: number
  readonly granted: boolean
  /** Id of the eviction that the voter refused it by. */
  readonly eviction: string | null
}

/** A voter answered one of this node's beats. */
export function acknowledged(world: World, ack: Acknowledgement): World {
  const { voter, incarnation, sentMs, granted, eviction } = ack
  if (!world.cluster.quorum || incarnation !== ownDocument(world).incarnation) return world
  const { lease } = world
  if (!granted) {
    if (eviction === null || lease.refusals[voter] === eviction) return world
    return { ...world, lease: { ...lease, refusals: { ...lease.refusals, [voter]: eviction } } }
  }
  const refusals = voter in lease.refusals ? without(lease.refusals, voter) : lease.refusals
  // A beat of another boot may have had this incarnation, on a store that was rolled back since: it was sent by another clock.
  const counts =
    !isBehind(world, voter) &&
    !isLapsed(world) &&
    sentMs >= lease.sinceMs &&
    sentMs <= world.nowMs &&
    sentMs > (lease.ackedMs[voter] ?? -Infinity)
  const ackedMs = counts ? { ...lease.ackedMs, [voter]: sentMs } : lease.ackedMs
  // It may be what a lease needed to begin.
  return leaseCompared({ ...world, lease: { ...lease, refusals, ackedMs } })
}

/** The voter evicts a peer, or does so for one more claim. Ids are never used twice. */
export function evicted(world: World, peer: string, claim: ClaimName): World {
  const own = ownDocument(world)
  const known = own.evictions[peer]
  const id = known?.id ?? `${world.self}/${own.incarnation}/${own.generation + 1}`
  const eviction = { id, claims: [...(known?.claims ?? []), claim] }
  const next = writeOwn(world, { evictions: { ...own.evictions, [peer]: eviction } })
  // What it claimed it may have begun.
  const document = world.documents[peer]
  return document === undefined
    ? next
    : generationsKnown(next, { [claim.service]: claimedGeneration(document, claim.service) })
}

/** Those claims are over; with the last of them the eviction is. */
export function evictionEnded(world: World, peer: string, over: readonly ClaimName[]): World {
  const { evictions } = ownDocument(world)
  const known = evictions[peer]
  if (known === undefined) return world
  const claims = known.claims.filter((claim) => !over.includes(claim))
  const left = claims.length === 0 ? without(evictions, peer) : { ...evictions, [peer]: { ...known, claims } }
  return writeOwn(world, { evictions: left })
}
