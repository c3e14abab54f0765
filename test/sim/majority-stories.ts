import type { Step } from './schedule.js'
import type { Soak } from './soak.js'
import { each, story, three } from './story.js'

type Steps = readonly (readonly [number, Step])[]

/** What these send to those does not arrive: it is told by others, or never. */
const lose = (
  atMs: number,
  from: readonly string[],
  to: readonly string[],
  what: Extract<Step, { do: 'lose' }>['what'],
): Steps => from.flatMap((node) => each(atMs, to, (other) => ({ do: 'lose', node, other, what })))

const mend = (atMs: number, node: string, others: readonly string[]): Steps =>
  each(atMs, others, (other) => ({ do: 'mend', node, other }))

const four = [...three, 'node4']

/** Whoever asks for a place hears most, and is not told what they know. */
export const majorityStories: Readonly<Record<string, Soak>> = {
  'the members of a service are changed on both sides of a cut, and one voter is heard again': story(
    { change: { nodes: ['node2', 'node1', 'node3'] } },
    [0, { do: 'configure', node: 'node1', service: 'db1', members: ['node2', 'node1'] }],
    [3000, { do: 'isolate', node: 'node2' }],
    [4000, { do: 'configure', node: 'node1', service: 'db1', members: ['node3', 'node2'] }],
    [35_000, { do: 'configure', node: 'node2', service: 'db1', members: ['node2'] }],
    ...lose(39_000, ['node1'], ['node2'], 'passed on'),
    ...lose(39_000, ['node1'], ['node3'], 'registers'),
    ...mend(40_000, 'node2', ['node1']),
  ),
  'one that joins has never heard of a former member, which holds it': story(
    { nodes: four, joiners: ['node4'], change: { nodes: ['node2', 'node4'] } },
    ...lose(0, ['node1', 'node3'], ['node2'], 'registers'),
    [100, { do: 'reconfigure', node: 'node1', members: ['node1', 'node3'], times: 'usual' }],
    [8000, { do: 'cut', node: 'node2', other: 'node4' }],
    ...lose(8000, ['node1', 'node3'], ['node4'], 'passed on'),
    [8100, { do: 'join', node: 'node4', by: 'node1' }],
    [10_000, { do: 'ask', node: 'node4', service: 'db1', action: 'provision' }],
    [25_000, { do: 'ask', node: 'node4', service: 'db1', action: 'start' }],
  ),
  'one that was declared off and taken out is let in again while another is cut off, which hears most before it is told':
    story(
      { nodes: four, change: { nodes: ['node4', 'node2'] } },
      [0, { do: 'crash', node: 'node4' }],
      [6000, { do: 'confirm off', node: 'node1', other: 'node4' }],
      [7000, { do: 'reconfigure', node: 'node1', members: three, times: 'usual' }],
      [15_000, { do: 'isolate', node: 'node2' }],
      [15_100, { do: 'boot', node: 'node4' }],
      [16_100, { do: 'join', node: 'node4', by: 'node1' }],
      [18_100, { do: 'join', node: 'node4', by: 'node1' }],
      ...lose(39_000, ['node1', 'node3'], ['node2'], 'passed on'),
      ...lose(39_000, ['node1', 'node3'], ['node2'], 'registers'),
      ...lose(39_000, three, ['node4'], 'registers'),
      ...mend(40_000, 'node2', ['node1', 'node3']),
    ),
  'one that was taken out is let in again while another is cut off, and that one is told that it is alone':
    story(
      { nodes: four, change: { nodes: ['node4', 'node2'] } },
      [0, { do: 'reconfigure', node: 'node1', members: three, times: 'usual' }],
      [12_000, { do: 'isolate', node: 'node2' }],
      [12_100, { do: 'join', node: 'node4', by: 'node1' }],
      [14_100, { do: 'join', node: 'node4', by: 'node1' }],
      [30_000, { do: 'reconfigure', node: 'node2', members: ['node2'], times: 'usual' }],
      ...lose(39_000, ['node1', 'node3'], ['node2'], 'passed on'),
      ...lose(39_000, three, ['node4'], 'registers'),
      ...mend(40_000, 'node2', ['node1', 'node3']),
    ),
  'one that is cut off is told within its lease that it is alone, by a clock that is ahead': story(
    { nodes: four, change: { nodes: ['node4', 'node2'] } },
    [0, { do: 'reconfigure', node: 'node1', members: three, times: 'usual' }],
    [11_900, { do: 'jump', node: 'node2', ms: 3_600_000 }],
    [12_000, { do: 'isolate', node: 'node2' }],
    [12_100, { do: 'join', node: 'node4', by: 'node1' }],
    [12_150, { do: 'reconfigure', node: 'node2', members: ['node2'], times: 'usual' }],
    [14_100, { do: 'join', node: 'node4', by: 'node1' }],
    ...lose(39_000, ['node1', 'node3'], ['node2'], 'passed on'),
    ...lose(39_000, three, ['node4'], 'registers'),
    ...mend(40_000, 'node2', ['node1', 'node3']),
  ),
  'one that hears all and is heard by nobody is told that it is alone': story(
    { nodes: four, change: { nodes: ['node4', 'node2'] } },
    [0, { do: 'reconfigure', node: 'node1', members: three, times: 'usual' }],
    ...each(12_000, ['node1', 'node3', 'node4'], (other) => ({ do: 'cut one way', node: 'node2', other })),
    ...lose(12_000, ['node1', 'node3', 'node4'], ['node2'], 'documents'),
    ...lose(12_000, ['node1', 'node3', 'node4'], ['node2'], 'registers'),
    [12_100, { do: 'join', node: 'node4', by: 'node1' }],
    [14_100, { do: 'join', node: 'node4', by: 'node1' }],
    [30_000, { do: 'reconfigure', node: 'node2', members: ['node2'], times: 'usual' }],
    ...lose(39_000, three, ['node4'], 'registers'),
    ...mend(40_000, 'node2', ['node1', 'node3']),
  ),
}
