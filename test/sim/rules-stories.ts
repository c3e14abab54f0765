import type { Step } from './schedule.js'
import type { Soak } from './soak.js'
import { db1, each, story, three } from './story.js'

const five = ['node1', 'node2', 'witness1', 'witness2', 'witness3']

/** Nobody of the one side reaches anybody of the other. */
const apart = (
  atMs: number,
  side: readonly string[],
  others: readonly string[],
): readonly (readonly [number, Step])[] =>
  side.flatMap((node) => each(atMs, others, (other) => ({ do: 'cut', node, other })))

/** The votes and times of the cluster change, and not everybody hears of it in time. */
export const rulesStories: Readonly<Record<string, Soak>> = {
  'two of five voters are cut off and told that they are most of three, and a daemon begins anew': story(
    { nodes: ['node1', 'node2'], witnesses: five.slice(2) },
    ...five
      .slice(1, 3)
      .flatMap((here) =>
        [five[0], ...five.slice(3)].map((other = ''): readonly [number, Step] => [
          0,
          { do: 'cut', node: here, other },
        ]),
      ),
    [1000, { do: 'reconfigure', node: 'node2', members: five.slice(0, 3), times: 'usual' }],
    [8000, { do: 'kill daemon', node: 'node2' }],
    [8500, { do: 'boot', node: 'node2' }],
    [40_000, { do: 'heal' }],
  ),
  'a holder that is cut off has a longer lease, and the others hear of a shorter timeout': story(
    {},
    [0, { do: 'reconfigure', node: 'node1', members: three, times: 'long' }],
    [20_000, { do: 'isolate', node: 'node1' }],
    [20_100, { do: 'reconfigure', node: 'node2', members: three, times: 'usual' }],
    [45_000, { do: 'heal' }],
  ),
  'the daemons of most are stopped, the last is told that it is alone, and the others come back': story(
    {},
    [0, { do: 'stop daemon', node: 'node2' }],
    [0, { do: 'stop daemon', node: 'node3' }],
    [2000, { do: 'reconfigure', node: 'node1', members: ['node1'], times: 'usual' }],
    [20_000, { do: 'boot', node: 'node2' }],
    [20_000, { do: 'boot', node: 'node3' }],
  ),
  'leases become shorter, and the daemon of the holder dies at that moment': story(
    {},
    [0, { do: 'reconfigure', node: 'node1', members: three, times: 'long' }],
    [20_000, { do: 'reconfigure', node: 'node2', members: three, times: 'usual' }],
    [20_200, { do: 'kill daemon', node: 'node1' }],
    [45_000, { do: 'boot', node: 'node1' }],
  ),
  'a holder hears of a longer lease, and the others, from whom it is cut off, do not': story(
    {},
    [0, { do: 'isolate', node: 'node1' }],
    [10, { do: 'reconfigure', node: 'node1', members: three, times: 'long' }],
    [45_000, { do: 'heal' }],
  ),
  'one that was declared off is back by a longer lease than the others have, and hears nothing of that':
    story(
      { change: { orchestrate: 'no' } },
      [0, { do: 'reconfigure', node: 'node1', members: three, times: 'long' }],
      [1000, { do: 'ask', node: 'node1', ...db1, action: 'stop' }],
      [14_000, { do: 'crash', node: 'node1' }],
      [14_000, { do: 'isolate', node: 'node1' }],
      [27_000, { do: 'confirm off', node: 'node2', other: 'node1' }],
      [27_200, { do: 'reconfigure', node: 'node2', members: three, times: 'usual' }],
      ...each(40_000, ['node2', 'node3'], (node) => ({
        do: 'lose',
        node,
        other: 'node1',
        what: 'registers',
      })),
      ...each(40_000, ['node2', 'node3'], (node) => ({ do: 'mend', node, other: 'node1' })),
      [54_000, { do: 'order', nodes: ['node1'], ...db1, action: 'start' }],
      [54_500, { do: 'isolate', node: 'node1' }],
      [54_600, { do: 'ask', node: 'node2', ...db1, action: 'switch', to: 'node2' }],
    ),
  'one that was declared off and taken out is back, knows nothing of that, and is edited': story(
    {},
    [0, { do: 'crash', node: 'node3' }],
    [6000, { do: 'confirm off', node: 'node2', other: 'node3' }],
    [6200, { do: 'reconfigure', node: 'node1', members: ['node1', 'node2'], times: 'usual' }],
    [20_000, { do: 'boot', node: 'node3' }],
    [30_000, { do: 'reconfigure', node: 'node3', members: three, times: 'usual' }],
  ),
  'one that the holder has never heard of is let in while the holder is made the only member, and starts it':
    story(
      {
        nodes: [...three, 'node4'],
        joiners: ['node4'],
        change: { nodes: ['node3', 'node4'], orchestrate: 'no' },
      },
      ...each(0, ['node1', 'node2'], (node) => ({ do: 'lose', node, other: 'node3', what: 'registers' })),
      [100, { do: 'join', node: 'node4', by: 'node1' }],
      ...each(5000, ['node1', 'node2'], (node) => ({ do: 'lose', node, other: 'node4', what: 'registers' })),
      [5100, { do: 'reconfigure', node: 'node3', members: ['node3'], times: 'usual' }],
      [24_000, { do: 'order', nodes: ['node4'], ...db1, action: 'start' }],
      [45_000, { do: 'heal' }],
    ),
  'one is let in where a change of the voters has only just arrived, and the others go on by the former ones':
    story(
      {
        nodes: [...three, 'node4'],
        joiners: ['node4'],
        change: { nodes: ['node1', 'node2', 'node4', 'node3'] },
      },
      ...apart(0, ['node3', 'node4'], ['node1', 'node2']),
      [100, { do: 'reconfigure', node: 'node3', members: ['node3'], times: 'usual' }],
      [200, { do: 'join', node: 'node4', by: 'node3' }],
      [12_000, { do: 'ask', node: 'node4', ...db1, action: 'provision' }],
      [30_000, { do: 'heal' }],
    ),
  'quorum is switched off, on and off again, and one that was off and is cut off knows of the first alone':
    story(
      {},
      [0, { do: 'quorum', node: 'node2', on: false }],
      [7000, { do: 'crash', node: 'node1' }],
      [14_000, { do: 'quorum', node: 'node2', on: true }],
      [20_000, { do: 'isolate', node: 'node1' }],
      [20_100, { do: 'boot', node: 'node1' }],
      [28_000, { do: 'quorum', node: 'node2', on: false }],
      [45_000, { do: 'heal' }],
    ),
}
