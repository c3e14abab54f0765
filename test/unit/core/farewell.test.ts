import { expect, test } from 'vitest'
import { farewellHeard, type Having } from '../../../src/core/farewell.js'
import { ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

const three = ['node1', 'node2', 'node3']

const cluster = (more: object = {}): World =>
  worldOf({
    why: 'a daemon stops',
    nodes: three,
    quorum: true,
    states: { node1: 'maintenance' },
    on: { node1: 'held', node2: 'down', node3: 'down' },
    ...more,
  })

/** By the newest beats of those peers: their own document as it is here, or a newer one, and this node's last or an older one. */
function having(
  world: World,
  peers: Readonly<Record<string, 'last' | 'older' | 'newer itself'>>,
): Record<string, Having> {
  const said = ownDocument(world)
  return Object.fromEntries(
    Object.entries(peers).map(([peer, what]) => {
      const { incarnation, generation } = world.documents[peer] ?? { incarnation: 1, generation: 1 }
      const own = { incarnation, generation: generation + (what === 'newer itself' ? 1 : 0) }
      const last = { ...said, generation: said.generation - (what === 'older' ? 1 : 0) }
      return [peer, { [peer]: own, node1: last }]
    }),
  )
}

test.each<[string, object, Parameters<typeof having>[1], boolean]>([
  ['nobody is connected', {}, {}, false],
  ['one of two others has it', {}, { node2: 'last' }, true],
  ['they have an older word of this node', {}, { node2: 'older', node3: 'older' }, false],
  ['one has it, and what it says of itself since is not here', {}, { node2: 'newer itself' }, false],
  [
    'one has it, and had evicted this node',
    { evictions: { node2: ['node1 for node3'] } },
    { node2: 'last' },
    false,
  ],
  [
    'one had evicted this node, the other has it',
    { evictions: { node2: ['node1 for node3'] } },
    { node2: 'last', node3: 'last' },
    true,
  ],
  ['the lease is over', { lease: 'lapsed' }, { node2: 'last', node3: 'last' }, false],
  ['nobody is connected, and there is no quorum', { quorum: false }, {}, true],
  [
    'a node of two, and a witness that has it',
    { nodes: ['node1', 'node2'], witnesses: ['w1'] },
    { w1: 'last' },
    true,
  ],
  ['a node of two without a witness', { nodes: ['node1', 'node2'] }, {}, false],
])('a farewell: %s', (_, more, peers, heard) => {
  const world = cluster(more)
  expect(farewellHeard(world, ownDocument(world), having(world, peers))).toBe(heard)
})
