import type { Step } from './schedule.js'
import type { Soak } from './soak.js'
import { db1, each, story, two } from './story.js'

/** The witness hears both; node1 hears the witness no more, so that node2, back, starts what node1 has to stop. */
const backUnheard = (bootMs: number): readonly (readonly [number, Step])[] => [
  [bootMs - 6000, { do: 'cut one way', node: 'witness1', other: 'node1' }],
  [bootMs, { do: 'boot', node: 'node2' }],
]

/** Evidence that is over: what was true of a node before it came back, and another one has not heard that it did; members that are none any more. */
export const returnStories: Readonly<Record<string, Soak>> = {
  'one of two leaves while the other stands still, which has to agree before it is gone': story(
    { nodes: ['node1', 'node2'] },
    [500, { do: 'pause', node: 'node1' }],
    [600, { do: 'leave', node: 'node2' }],
    [20_000, { do: 'boot', node: 'node1' }],
    [45_000, { do: 'leave', node: 'node2' }],
    [55_000, { do: 'expect up', ...db1 }],
  ),
  'one that had left is back and runs it, which the other learns late': story(
    two,
    [0, { do: 'stop daemon', node: 'node2' }],
    [300, { do: 'cut', node: 'node1', other: 'node2' }],
    [2000, { do: 'cut one way', node: 'witness1', other: 'node1' }],
    [8000, { do: 'boot', node: 'node2' }],
    [45_000, { do: 'lose', node: 'witness1', other: 'node1', what: 'documents' }],
    [45_000, { do: 'mend', node: 'witness1', other: 'node1' }],
    [47_000, { do: 'heal' }],
  ),
  'one that was powered off is back and runs it, which the other learns late': story(
    { fencing: true },
    [0, { do: 'crash', node: 'node1' }],
    [9000, { do: 'cut', node: 'node1', other: 'node2' }],
    [9000, { do: 'lose', node: 'node3', other: 'node2', what: 'passed on' }],
    [9100, { do: 'boot', node: 'node1' }],
    [20_000, { do: 'cut one way', node: 'node3', other: 'node2' }],
    [45_000, { do: 'mend', node: 'node3', other: 'node2' }],
  ),
  'it was stopped while one was off, and who stopped it has left': story(
    two,
    [0, { do: 'crash', node: 'node1' }],
    [8000, { do: 'ask', node: 'node2', ...db1, action: 'stop' }],
    [10_000, { do: 'stop daemon', node: 'node2' }],
    [17_000, { do: 'lose', node: 'witness1', other: 'node1', what: 'registers' }],
    [18_000, { do: 'boot', node: 'node1' }],
    [23_100, { do: 'heal' }],
  ),
  'one that had left is back and runs it, and its own word of it is lost': story(
    two,
    [0, { do: 'stop daemon', node: 'node2' }],
    [300, { do: 'cut', node: 'node1', other: 'node2' }],
    ...backUnheard(8000),
    [45_000, { do: 'lose', node: 'witness1', other: 'node1', what: 'passed on' }],
    [45_000, { do: 'mend', node: 'witness1', other: 'node1' }],
    [47_000, { do: 'heal' }],
  ),
  'one that was declared off is back and runs it, which the other learns late': story(
    two,
    [0, { do: 'crash', node: 'node2' }],
    [6000, { do: 'confirm off', node: 'node1', other: 'node2' }],
    [6300, { do: 'cut', node: 'node1', other: 'node2' }],
    ...backUnheard(14_000),
    ...(['documents', 'registers'] as const).map((what): readonly [number, Step] => [
      45_000,
      { do: 'lose', node: 'witness1', other: 'node1', what },
    ]),
    [45_000, { do: 'mend', node: 'witness1', other: 'node1' }],
    [55_000, { do: 'heal' }],
  ),
  'the first node restarts while another one claims that it has answered': story(
    { change: { orchestrate: 'no' } },
    [0, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    [2000, { do: 'cut', node: 'node2', other: 'node3' }],
    [2100, { do: 'order', nodes: ['node2'], ...db1, action: 'start' }],
    [2300, { do: 'lose', node: 'node1', other: 'node2', what: 'documents' }],
    [2400, { do: 'kill daemon', node: 'node1' }],
    [2500, { do: 'boot', node: 'node1' }],
    [3500, { do: 'order', nodes: ['node1'], ...db1, action: 'start' }],
    [3700, { do: 'mend', node: 'node2', other: 'node3' }],
  ),
  'its members change in the midst of a stop': story(
    {},
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'slow' }],
    [100, { do: 'ask', node: 'node2', ...db1, action: 'switch', to: 'node2' }],
    [2000, { do: 'configure', node: 'node3', ...db1, members: ['node3', 'node2', 'node1'] }],
    [20_000, { do: 'expect up', ...db1 }],
  ),
  'it was frozen while its node was cut off, which comes back': story(
    {},
    [0, { do: 'isolate', node: 'node1' }],
    [200, { do: 'ask', node: 'node2', ...db1, action: 'freeze' }],
    ...each(20_000, ['node2', 'node3'], (node) => ({ do: 'lose', node, other: 'node1', what: 'registers' })),
    ...each(20_000, ['node2', 'node3'], (node) => ({ do: 'mend', node, other: 'node1' })),
    [22_000, { do: 'heal' }],
  ),
  'it was frozen while its node was cut off, which is acknowledged before it hears anybody': story(
    {},
    [0, { do: 'isolate', node: 'node1' }],
    [200, { do: 'ask', node: 'node2', ...db1, action: 'freeze' }],
    ...each(20_000, ['node2', 'node3'], (node) => ({ do: 'lose', node, other: 'node1', what: 'beats' })),
    ...each(20_000, ['node2', 'node3'], (node) => ({ do: 'lose', node, other: 'node1', what: 'registers' })),
    ...each(20_000, ['node2', 'node3'], (node) => ({ do: 'mend', node, other: 'node1' })),
    [22_000, { do: 'heal' }],
  ),
  'the holder is no member any more, and has not heard that': story(
    {},
    ...each(0, ['node2', 'node3'], (node) => ({ do: 'lose', node, other: 'node1', what: 'registers' })),
    [100, { do: 'configure', node: 'node2', ...db1, members: ['node2', 'node3'] }],
    [20_000, { do: 'heal' }],
  ),
  'the holder was a member while another one was off, and is slow to stop': story(
    { change: { nodes: ['node1', 'node2'] } },
    [0, { do: 'ask', node: 'node1', ...db1, action: 'switch', to: 'node2' }],
    [2000, { do: 'crash', node: 'node1' }],
    [2100, { do: 'configure', node: 'node2', ...db1, members: ['node3', 'node2'] }],
    [2300, { do: 'ask', node: 'node3', ...db1, action: 'provision' }],
    [2600, { do: 'ask', node: 'node3', ...db1, action: 'switch', to: 'node3' }],
    [14_000, { do: 'ail', node: 'node3', ...db1, ailment: 'hang' }],
    [14_100, { do: 'configure', node: 'node2', ...db1, members: ['node1', 'node2'] }],
    [14_200, { do: 'boot', node: 'node1' }],
  ),
}
