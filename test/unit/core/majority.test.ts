import { expect, test } from 'vitest'
import { majorityObstacle } from '../../../src/core/decide/majority.js'
import type { NodeDocument } from '../../../src/core/document.js'
import type { World } from '../../../src/core/world.js'
import { stamp, three } from './ruled-worlds.js'

const asked = ['node2', 'node3']
const claim = { node: 'node1', incarnation: 3, service: 'db1', since: 10 }
const answered = three({ on: { node1: 'claimed' }, answered: asked })

/** Each of these nodes has a configuration of that stamp. */
function knowing(nodes: readonly string[], count: number): World {
  const documents = Object.entries(answered.documents).map(([node, document]): [string, NodeDocument] => {
    const { rules } = document
    const knows = rules !== undefined && nodes.includes(node)
    return [node, knows ? { ...document, rules: { ...rules, known: stamp(count) } } : document]
  })
  const value = { text: '', author: 'test' }
  const entry = { kind: 'cluster', name: 'cluster', value, stamp: stamp(1) } as const
  return {
    ...answered,
    registers: { 'cluster/cluster': entry },
    documents: Object.fromEntries(documents),
  }
}

test.each<readonly [string, World, string | null]>([
  ['a majority has seen it', answered, null],
  [
    'only its author has',
    three({ on: { node1: 'claimed' } }),
    '1 of 3 voters have seen the claim, 2 are needed',
  ],
  ['everybody has the same configuration', knowing(asked, 1), null],
  ['one of three has a newer configuration', knowing(['node2'], 2), null],
  ['all others have a newer one', knowing(asked, 2), 'node2 has a newer configuration of the cluster'],
])('a claim, where %s', (_, world, obstacle) => {
  expect(majorityObstacle(world, claim, asked)).toBe(obstacle)
})
