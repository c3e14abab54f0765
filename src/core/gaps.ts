import { heardBy, hears } from './membership.js'
import { ownDocument } from './view.js'
import type { World } from './world.js'

// What of a node's own protection does not work there, as it says itself: for people alone, no decision rests on it.

/** A document is small: so many sentences at most, and so long ones. */
const mostGaps = 16
const longestGap = 600

/** As a document may hold them: one line each. What is too many is counted in the last one. */
export function boundedGaps(gaps: readonly string[]): readonly string[] {
  const lines = gaps.map((gap) => gap.replace(/\s+/g, ' ').trim().slice(0, longestGap))
  if (lines.length <= mostGaps) return lines
  const kept = lines.slice(0, mostGaps - 1)
  return [...kept, `has ${lines.length - kept.length} more gaps in its protection: mend these first`]
}

/** Are they those that this node has said already? A node that never said anything had none to tell. */
export function saidAlready(world: World, gaps: readonly string[]): boolean {
  const said = ownDocument(world).gaps ?? []
  return said.length === gaps.length && said.every((gap, i) => gap === gaps[i])
}

/** Node by node, in the words of each. The last word of one that nobody hears any more may be outdated and is left out. */
export function nodeGaps(world: World): readonly string[] {
  const heard = world.cluster.nodes.filter(
    ({ name }) => hears(world, name) || heardBy(world, name).length > 0,
  )
  return heard.flatMap(({ name }) => (world.documents[name]?.gaps ?? []).map((gap) => `node ${name} ${gap}`))
}
