import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { candidates, eligible, placementState, ranked, unfit } from '../../../src/core/placement.js'
import { viewOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

const down = { node1: 'down', node2: 'down' }
const service = (world: World) => viewOf(world, 'db1').service

test.each<readonly [string, object, readonly string[]]>([
  ['nodes order', {}, ['node1', 'node2']],
  ['none', { service: { placement: 'none' } }, ['node1', 'node2']],
  [
    'load avg: the less loaded one first',
    { service: { placement: 'load avg' }, load: { node1: 2, node2: 1 } },
    ['node2', 'node1'],
  ],
  ['load avg: nodes order where it is the same', { service: { placement: 'load avg' } }, ['node1', 'node2']],
])('placement %s', (_, short, expected) => {
  const world = worldOf({ why: 'ranked', on: down, ...short })
  expect(ranked(world, service(world))).toEqual(expected)
})

const nodes = ['node1', 'node2', 'node3', 'node4']

test('law: by load, every member is ranked once, and none behind a busier one', () => {
  const anyLoads = fc.tuple(...nodes.map(() => fc.integer({ min: 0, max: 5 })))
  fc.assert(
    fc.property(anyLoads, (loads) => {
      const load = Object.fromEntries(nodes.map((node, i) => [node, loads[i] ?? 0]))
      const on = Object.fromEntries(nodes.map((node) => [node, 'down']))
      const world = worldOf({ why: 'ranked', nodes, on, load, service: { placement: 'load avg' } })
      const order = ranked(world, service(world))
      expect(order.toSorted()).toEqual(nodes)
      const ascending = order.map((node) => load[node] ?? 0)
      expect(ascending).toEqual(ascending.toSorted((a, b) => a - b))
    }),
  )
})

test.each<readonly [string, object, string | null]>([
  ['nothing', {}, null],
  ['it is unreachable', { silent: ['node2'] }, 'node2 is unreachable'],
  ['it has just started', { states: { node2: 'booting' } }, 'node2 is booting'],
  ['it has left', { states: { node2: 'left' } }, 'node2 is left'],
  ['the service is frozen', { freeze: ['db1'] }, 'service db1 is frozen'],
  ['the instance is frozen', { freeze: ['db1@node2'] }, 'the instance on node2 is frozen'],
  ['the node is frozen', { freeze: ['@node2'] }, 'node node2 is frozen'],
  ['it has not looked yet', { on: { node1: 'down' } }, 'node2 has not looked at db1 yet'],
  ['it failed', { on: { ...down, node2: 'start failed' } }, 'start failed on node2: it will not start'],
  [
    'it has another version',
    { on: { ...down, node2: { is: 'down', configVersion: 'old' } } },
    'node2 has another configuration version',
  ],
  ['the service is disabled', { service: { disable: true } }, 'db1 is disabled (run: om db1 enable)'],
])('what keeps an instance from node2: %s', (_, short, expected) => {
  const world = worldOf({ why: 'unfit', on: down, ...short })
  expect(unfit(world, service(world), 'node2')).toBe(expected)
  expect(eligible(world, service(world)).includes('node2')).toBe(expected === null)
})

test('a node that is no member is never fit', () => {
  const world = worldOf({ why: 'stranger', on: down, former: ['node3'] })
  expect(unfit(world, service(world), 'node3')).toBe('node3 is not a member of db1')
})

test('where it was not provisioned it is not started, though it may be provisioned there', () => {
  const world = worldOf({ why: 'unprovisioned', on: { node1: 'unprovisioned', node2: 'down' } })
  expect(eligible(world, service(world))).toEqual(['node1', 'node2'])
  expect(candidates(world, service(world))).toEqual(['node2'])
})

test.each<readonly [string, object, string]>([
  ['on the best node', { on: { node1: 'up', node2: 'down' } }, 'optimal'],
  ['on another one', { on: { node1: 'down', node2: 'up' } }, 'non-optimal'],
  [
    'on another one, where the best is frozen',
    { on: { node1: 'down', node2: 'up' }, freeze: ['@node1'] },
    'optimal',
  ],
  [
    'on another one, where the best is unreachable',
    { self: 'node2', on: { node1: 'down', node2: 'up' }, silent: ['node1'] },
    'optimal',
  ],
  ['nowhere', { on: down }, 'n/a'],
  [
    'anywhere, without a policy',
    { on: { node1: 'down', node2: 'up' }, service: { placement: 'none' } },
    'n/a',
  ],
])('up %s: placement', (_, short, expected) => {
  const world = worldOf({ why: 'placement', ...short })
  expect(placementState(world, service(world))).toBe(expected)
})
