import { expect, test } from 'vitest'
import { heardOf, worstLate } from '../../bench/late.js'
import type { PathStatus } from '../../src/daemon/api/contract.js'

const path = (more: Partial<PathStatus>): PathStatus => ({
  id: 'hb#1.node2',
  name: 'hb#1',
  peer: 'node2',
  address: 'udp 192.0.2.2:1215',
  state: 'beating',
  ageMs: 100,
  latencyMs: 1,
  loss: 0,
  late: 0,
  protocol: null,
  ...more,
})

test('what is late or lost on the worst path is told', () => {
  expect(worstLate('datagrams', [path({}), path({ late: 0.02, loss: 0.01 }), path({ late: 0.01 })])).toBe(3)
})

test.each<readonly [string, readonly PathStatus[], string]>([
  ['there is no path', [], 'no path has datagrams: nothing was measured'],
  [
    'one of them was never heard',
    [path({}), path({ state: 'never heard', loss: null, late: null })],
    'hb#1.node2 has datagrams and is never heard: nothing was measured',
  ],
  [
    'one of them fell silent',
    [path({ state: 'stale' })],
    'hb#1.node2 has datagrams and is stale: nothing was measured',
  ],
  [
    'nothing is known of one',
    [path({ loss: null })],
    'hb#1.node2 has datagrams and is beating: nothing was measured',
  ],
])('nothing is measured where %s', (_, paths, words) => {
  expect(() => worstLate('datagrams', paths)).toThrow(words)
})

const of1 = (by: string, ...paths: readonly Partial<PathStatus>[]) => ({
  by,
  paths: paths.map((more) => path({ id: 'hb#0.node1', peer: 'node1', ...more })),
})

test('the beats of a node are told of by all others', () => {
  const others = [of1('node2', { late: 0.01 }, { peer: 'node3', late: 0.5 }), of1('node3', { loss: 0.02 })]
  expect(heardOf('node1', others)).toEqual({ worst: 2, silent: [] })
})

test.each<readonly [string, Partial<PathStatus>, ReturnType<typeof heardOf>]>([
  [
    'was never heard: all its beats are lost',
    { state: 'never heard', loss: null, late: null },
    { worst: 100, silent: ['hb#0.node1 at node3 is never heard'] },
  ],
  [
    'fell silent: what is overdue is lost',
    { state: 'stale', loss: 0.11 },
    { worst: 11, silent: ['hb#0.node1 at node3 is stale'] },
  ],
])('a path that %s, and it is named', (_, silent, told) => {
  expect(heardOf('node1', [of1('node2', {}), of1('node3', {}, silent)])).toEqual(told)
})

test('nothing is measured where one of the others has no path', () => {
  const others = [of1('node2', {}), of1('node3')]
  expect(() => heardOf('node1', others)).toThrow('no path has beats of node1 at node3: nothing was measured')
})
