import type { ClusterNode } from './cluster.js'
import type { NodeDocument } from './document.js'
import { heardBy, hears } from './membership.js'
import { storeGap } from './promises.js'
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
  const { nodes, witnesses } = world.cluster
  const heard = ({ name }: ClusterNode): boolean => hears(world, name) || heardBy(world, name).length > 0
  const said = (word: string, { name }: ClusterNode): readonly string[] =>
    gapsOf(world.documents[name]).map((gap) => `${word} ${name} ${gap}`)
  return [
    ...nodes.filter(heard).flatMap((node) => said('node', node)),
    ...witnesses.filter(heard).flatMap((witness) => said('witness', witness)),
  ]
}

function gapsOf(document: NodeDocument | undefined): readonly string[] {
  if (document === undefined) return []
  const store = storeGap(document)
  return store === null ? (document.gaps ?? []) : [store, ...(document.gaps ?? [])]
}
