import type { ClusterConfig } from '../../../src/core/cluster.js'
import type { NodeDocument } from '../../../src/core/document.js'
import { reduce } from '../../../src/core/reduce/index.js'
import type { Stamp } from '../../../src/core/register.js'
import { rulesOf } from '../../../src/core/rules.js'
import { ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

/** Worlds by changing rules of the cluster. */

export const stamp = (count: number): Stamp => ({ wallMs: 1, count, node: 'node1' })

/** Three voters; everybody has said that they go by the rules of the first configuration. */
export function three(more: object = {}): World {
  const world = worldOf({ why: 'rules', nodes: ['node1', 'node2', 'node3'], quorum: true, ...more })
  const word = { version: stamp(0), newest: rulesOf(world.cluster), earlier: [] }
  const documents = Object.entries(world.documents).map(([node, one]) => [node, { ...one, rules: word }])
  const rules = { ...world.rules, version: stamp(0), changed: stamp(0) }
  return { ...world, rules, documents: Object.fromEntries(documents) as World['documents'] }
}

export const among = (world: World, names: readonly string[]): ClusterConfig => ({
  ...world.cluster,
  nodes: world.cluster.nodes.filter(({ name }) => names.includes(name)),
})

export const timed = (world: World, leaseMs: number, timeoutMs: number): ClusterConfig => ({
  ...world.cluster,
  heartbeat: { ...world.cluster.heartbeat, leaseMs, timeoutMs },
})

export const later = (world: World, byMs: number): World =>
  reduce(world, { nowMs: world.nowMs + byMs, wallMs: world.wallMs + byMs, random: 0 }, { kind: 'wake' })

/** Everybody was heard just now. */
export const heard = (world: World): World => ({
  ...world,
  links: Object.fromEntries(
    Object.entries(world.links).map(([peer, link]) => [peer, { ...link, heardAtMs: { path: world.nowMs } }]),
  ),
})

/** A peer says that it goes by the newest rules of this world, in a newer document. */
export function said(world: World, node: string, change: Partial<NodeDocument> = {}): World {
  const known = world.documents[node]
  if (known === undefined) throw new Error(`${node} has a document`)
  const { rules } = ownDocument(world)
  const document = { ...known, ...(rules && { rules }), generation: known.generation + 1, ...change }
  const { nowMs, wallMs } = world
  return reduce(world, { nowMs, wallMs, random: 0 }, { kind: 'document', document })
}
