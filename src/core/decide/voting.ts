import type { ClaimName } from '../document.js'
import type { Intent } from '../intent.js'
import { parties } from '../rules.js'
import { ownDocument } from '../view.js'
import { evictionOf, isOver, leaselessAtMs, sameClaim, standingClaims } from '../voting.js'
import type { World } from '../world.js'

/** A voter's part: whom it takes for dead, and for whose claim. Suspicion alone costs nobody anything. */
export function votingIntents(world: World): readonly Intent[] {
  if (!world.cluster.quorum) return []
  return [...endings(world), ...evictions(world)]
}

/** Monotonic milliseconds at which a vote may become due. */
export function votingWakes(world: World): readonly number[] {
  if (!world.cluster.quorum) return []
  const leaseless = Object.keys(world.votes).flatMap((peer) => leaselessAtMs(world, peer) ?? [])
  return [...cases(world).map(({ dueMs }) => dueMs), ...leaseless].filter((dueMs) => dueMs > world.nowMs)
}

function endings(world: World): readonly Intent[] {
  return Object.entries(ownDocument(world).evictions).flatMap(([node, { claims }]): readonly Intent[] => {
    const over = claims.filter((claim) => isOver(world, claim))
    if (over.length === 0) return []
    const names = over.map((claim) => `the claim of ${claim.node} to ${claim.service}`).join(', ')
    return [{ do: 'end eviction', node, over, why: `${names} is over` }]
  })
}

function evictions(world: World): readonly Intent[] {
  return cases(world)
    .filter(({ dueMs }) => dueMs <= world.nowMs)
    .map(({ node, claim, silentMs }) => {
      const why = `nothing acknowledged of ${node} for ${(silentMs / 1000).toFixed(1)} s, and ${claim.node} claims ${claim.service}`
      return { do: 'evict', node, claim, why }
    })
}

interface Case {
  readonly node: string
  readonly claim: ClaimName
  /** Monotonic milliseconds from which on the node may be evicted. */
  readonly dueMs: number
  readonly silentMs: number
}

/** Every node that stands in the way of a claim and is not evicted for it yet. */
function cases(world: World): readonly Case[] {
  return standingClaims(world).flatMap((claim) =>
    runners(world).flatMap((node) => {
      const vote = world.votes[node]
      if (node === claim.node || vote === undefined || saidGoodbye(world, node)) return []
      const known = evictionOf(world, node)
      if (known?.claims.some((one) => sameClaim(one, claim)) === true) return []
      const silentMs = world.nowMs - vote.ackedAtMs
      // None of an evicted node's beats is acknowledged, so that it is silent for any further claim, too.
      const dueMs = known === undefined ? vote.ackedAtMs + world.cluster.heartbeat.timeoutMs : world.nowMs
      return [{ node, claim, dueMs, silentMs }]
    }),
  )
}

/** Nodes, and whoever earlier rules still know: it may be a node that was taken out. */
function runners(world: World): readonly string[] {
  const names = parties(world).map(({ name }) => name)
  return names.filter((name) => !world.cluster.witnesses.some((witness) => witness.name === name))
}

/** Its silence is no evidence: it stopped its daemon with services up, or left with nothing held. */
function saidGoodbye(world: World, node: string): boolean {
  const state = world.documents[node]?.state
  return state === 'maintenance' || state === 'left'
}
