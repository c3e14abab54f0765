import type { ClaimName } from './document.js'
import { declaredOff } from './membership.js'
import { isBehind, parties, tallyOf } from './rules.js'
import { hasSeen } from './voting.js'
import type { World } from './world.js'

/**
 * Nodes that this one has no part with, and that others have let in while it was away, may run what is claimed here. Whoever starts something has told a
 * majority of voters first: so a majority that has seen the claim must know of nobody who began, or began again, unknown to this node. Says who is in the way of the
 * claim; null where nobody is.
 */
export function strangersAhead(world: World, claim: ClaimName): string | null {
  if (!world.cluster.quorum) return null
  const answers = (voter: string): boolean =>
    voter === world.self || (!isBehind(world, voter) && hasSeen(world, voter, claim))
  const knowsMore = (voter: string): boolean => answers(voter) && strangersTo(world, voter).length > 0
  const { votes, voters, needed } = tallyOf(world, (voter) => answers(voter) && !knowsMore(voter))
  if (votes >= needed) return null
  const voter = parties(world).find(({ name }) => knowsMore(name))?.name
  if (voter === undefined) return `${votes} of ${voters} voters have seen the claim, ${needed} are needed`
  const [stranger] = strangersTo(world, voter)
  return `${voter} knows of a start of ${stranger} that this node has not heard of: where ${stranger} is off, run om node confirm-off ${stranger}`
}

/** Nodes of whose start somebody knows that this one has no part with, and has not heard of. */
export const strangers = (world: World): readonly string[] => [
  ...new Set(parties(world).flatMap(({ name }) => strangersTo(world, name))),
]

function strangersTo(world: World, voter: string): readonly string[] {
  const known = new Set(parties(world).map(({ name }) => name))
  return Object.entries(world.documents[voter]?.seen ?? {})
    .filter(([node, { incarnation }]) => incarnation > (world.documents[node]?.incarnation ?? -1))
    .map(([node]) => node)
    .filter((node) => !known.has(node) && !declaredOff(world, node))
}
