import { guardStories } from './guard-stories.js'
import { majorityStories } from './majority-stories.js'
import { returnStories } from './return-stories.js'
import { rulesStories } from './rules-stories.js'
import type { Step } from './schedule.js'
import type { Soak } from './soak.js'
import { db1, each, story, three, two } from './story.js'

/** The holder was heard last by a witness at 0 and by node2 at 3.9 s, which has claimed then: the witness evicts it at 5, node2 at 8.9. */
const apart: readonly (readonly [number, Step])[] = [
  [0, { do: 'ail', node: 'node1', service: 'db1', ailment: 'hang' }],
  [0, { do: 'cut', node: 'node1', other: 'witness1' }],
  [3900, { do: 'cut', node: 'node1', other: 'node2' }],
  [4000, { do: 'ask', node: 'node2', service: 'db1', action: 'switch', to: 'node2' }],
]

/** With quorum on: schedules for what random ones meet too rarely, each named by what it tries. */
export const quorumStories: Readonly<Record<string, Soak>> = {
  ...returnStories,
  ...rulesStories,
  ...majorityStories,
  ...guardStories,
  'the holder is cut off': story({}, [0, { do: 'isolate', node: 'node1' }]),
  'everybody is cut off from everybody': story({}, ...each(0, three, (node) => ({ do: 'isolate', node }))),
  'the holder and one other are cut apart': story({}, [0, { do: 'cut', node: 'node1', other: 'node2' }]),
  'two nodes are cut apart and both reach the witness': story(
    two,
    [0, { do: 'cut', node: 'node1', other: 'node2' }],
    [20_000, { do: 'heal' }],
    [30_000, { do: 'isolate', node: 'node1' }],
  ),
  'the holder can send and not receive': story(
    {},
    [0, { do: 'cut one way', node: 'node2', other: 'node1' }],
    [0, { do: 'cut one way', node: 'node3', other: 'node1' }],
    [30_000, { do: 'expect up', ...db1 }],
  ),
  'it is started where it is cut apart from the other, and both reach the witness': story(
    two,
    [0, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    [3000, { do: 'cut', node: 'node1', other: 'node2' }],
    [10_000, { do: 'ask', node: 'node1', ...db1, action: 'start' }],
    [20_000, { do: 'expect up', ...db1 }],
  ),
  'the holder is cut off, and nothing there can be stopped': story(
    {},
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'stop' }],
    [100, { do: 'isolate', node: 'node1' }],
  ),
  'the holder stands still, and goes on later': story(
    {},
    [0, { do: 'pause', node: 'node1' }],
    [6000, { do: 'resume', node: 'node1' }],
    [20_000, { do: 'pause', node: 'node2' }],
    [24_000, { do: 'resume', node: 'node2' }],
  ),
  'a node stands still between a start and its first step': story(
    {},
    [0, { do: 'ail', node: 'node2', ...db1, ailment: 'late' }],
    [100, { do: 'ask', node: 'node2', ...db1, action: 'switch', to: 'node2' }],
    // What is to be done at the moment of the step is done first, when the node goes on.
    [4150, { do: 'pause', node: 'node2' }],
    [12_000, { do: 'resume', node: 'node2' }],
  ),
  'the clock on the wall of a holder that is cut off goes back': story(
    {},
    [0, { do: 'isolate', node: 'node1' }],
    [1000, { do: 'jump', node: 'node1', ms: -3_600_000 }],
  ),
  'the holder is cut off while its stop hangs': story(
    {},
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'hang' }],
    [100, { do: 'ask', node: 'node2', ...db1, action: 'switch' }],
    [1000, { do: 'isolate', node: 'node1' }],
  ),
  // A starter that has heard of an eviction, and not of what became of it.
  'a voter that has evicted the holder restarts, and hears it again': story(
    two,
    ...apart,
    [5200, { do: 'lose', node: 'witness1', other: 'node2', what: 'documents' }],
    [5200, { do: 'kill daemon', node: 'witness1' }],
    [5300, { do: 'boot', node: 'witness1' }],
    [5300, { do: 'mend', node: 'node1', other: 'witness1' }],
  ),
  'a voter has evicted the holder for a claim that is over, and hears it again': story(
    two,
    ...apart,
    [5200, { do: 'lose', node: 'witness1', other: 'node2', what: 'documents' }],
    [5300, { do: 'ask', node: 'node2', ...db1, action: 'abort' }],
    [5400, { do: 'mend', node: 'node1', other: 'witness1' }],
    [6000, { do: 'ask', node: 'node2', ...db1, action: 'switch', to: 'node2' }],
  ),
  'most voters restart while a claim stands and the holder is cut off': story(
    { witnesses: ['witness1', 'witness2'] },
    [0, { do: 'isolate', node: 'node1' }],
    [100, { do: 'ask', node: 'node2', ...db1, action: 'switch', to: 'node2' }],
    ...each(200, ['node3', 'witness1', 'witness2'], (node) => ({ do: 'kill daemon', node })),
    ...each(300, ['node3', 'witness1', 'witness2'], (node) => ({ do: 'boot', node })),
  ),
  'the daemon of a holder that is cut off is killed, and the next one finds the service': story(
    {},
    [0, { do: 'isolate', node: 'node1' }],
    [500, { do: 'kill daemon', node: 'node1' }],
    [1500, { do: 'boot', node: 'node1' }],
  ),
  'a voter restarts while the holder is silent': story(
    {},
    [0, { do: 'cut', node: 'node1', other: 'node2' }],
    [0, { do: 'cut', node: 'node1', other: 'node3' }],
    [1500, { do: 'kill daemon', node: 'node3' }],
    [1600, { do: 'boot', node: 'node3' }],
  ),
  'two start it at the same moment': story(
    { change: { orchestrate: 'no' } },
    [0, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    [3000, { do: 'order', nodes: three, ...db1, action: 'start' }],
  ),
  'two start it at the same moment, the best of them with the last name': story(
    { change: { orchestrate: 'no' }, nodes: ['node3', 'node2', 'node1'] },
    [0, { do: 'ask', node: 'node3', ...db1, action: 'stop' }],
    [3606, { do: 'order', nodes: three, ...db1, action: 'start' }],
  ),
  'it was stopped while the best node was off, which hears of it late': story(
    { nodes: ['node2', 'node1'], witnesses: ['witness1'] },
    [0, { do: 'crash', node: 'node2' }],
    [8000, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    ...each(17_000, ['node1', 'witness1'], (node) => ({
      do: 'lose',
      node,
      other: 'node2',
      what: 'registers',
    })),
    [18_000, { do: 'boot', node: 'node2' }],
    [21_000, { do: 'heal' }],
  ),
  'its node is lost while it is being stopped, and it was thawed': story(
    {},
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'hang' }],
    [100, { do: 'ask', node: 'node2', ...db1, action: 'stop' }],
    [400, { do: 'ask', node: 'node2', ...db1, action: 'thaw' }],
    [1000, { do: 'crash', node: 'node1' }],
  ),
  'the daemon of the holder dies for good': story({}, [0, { do: 'kill daemon', node: 'node1' }]),
  'the daemon of a holder that is cut off says goodbye to nobody, and the next one finds the service': story(
    two,
    [0, { do: 'isolate', node: 'node1' }],
    [200, { do: 'stop daemon', node: 'node1' }],
    [2700, { do: 'boot', node: 'node1' }],
  ),
  'it was stopped by one that another one cannot hear, and is asked through a third': story(
    {},
    [0, { do: 'pause', node: 'node3' }],
    [200, { do: 'cut one way', node: 'node1', other: 'node2' }],
    [6900, { do: 'lose', node: 'node1', other: 'node3', what: 'registers' }],
    [7000, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    [20_000, { do: 'resume', node: 'node3' }],
    [29_000, { do: 'heal' }],
  ),
  'the daemon of the holder says goodbye, then it is cut off': story(
    {},
    [0, { do: 'stop daemon', node: 'node1' }],
    [1000, { do: 'isolate', node: 'node1' }],
  ),
  'the last acknowledgements come seconds late': story(
    {},
    [0, { do: 'delay', ms: 3000 }],
    ...each(2000, ['node2', 'node3'], (other) => ({ do: 'cut one way', node: 'node1', other })),
    [2100, { do: 'delay', ms: 20 }],
  ),
  'two who claimed are answered by nobody': story(
    {},
    [0, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
    [2000, { do: 'crash', node: 'node3' }],
    [2100, { do: 'ask', node: 'node2', ...db1, action: 'start' }],
    [2300, { do: 'cut', node: 'node1', other: 'node2' }],
    [9000, { do: 'heal' }],
  ),
}
