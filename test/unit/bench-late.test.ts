import { expect, test } from 'vitest'
import { worstLate } from '../../bench/late.js'
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
