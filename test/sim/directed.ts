import type { Schedule, Step } from './schedule.js'
import { flagService } from './service.js'

const two = ['node1', 'node2']
const three = ['node1', 'node2', 'node3']
const ask = (node: string, action: Extract<Step, { do: 'ask' }>['action']): Step => ({
  do: 'ask',
  node,
  service: 'db1',
  action,
})

function story(
  nodes: readonly string[],
  orchestrate: 'ha' | 'no',
  ...steps: readonly (readonly [number, Step])[]
): Schedule {
  const services = [flagService('db1', nodes, { orchestrate })]
  return { seed: 1, nodes, services, steps: steps.map(([atMs, step]) => ({ atMs, step })) }
}

/** Schedules for what random ones meet too rarely, each named by what it tries. */
export const directed: Readonly<Record<string, Schedule>> = {
  'two operators start it on two nodes at the same moment': story(
    two,
    'no',
    [0, ask('node1', 'stop')],
    [2000, { do: 'order', nodes: two, service: 'db1', action: 'start' }],
  ),
  'a start is not wholly rolled back': story(
    two,
    'ha',
    [0, ask('node1', 'stop')],
    [1000, { do: 'ail', node: 'node1', service: 'db1', ailment: 'rollback' }],
    [1000, ask('node1', 'start')],
  ),
  'the best node gives up a claim that it waits for': story(
    three,
    'ha',
    [0, ask('node1', 'stop')],
    [1000, { do: 'isolate', node: 'node3' }],
    [1000, ask('node1', 'start')],
    [1300, ask('node1', 'abort')],
    [1400, { do: 'ask node', node: 'node1', action: 'freeze' }],
    [1500, ask('node2', 'thaw')],
  ),
  'a third node hears the holder': story(three, 'ha', [0, { do: 'cut', node: 'node1', other: 'node2' }]),
  'a fourth node hears a third that hears the holder': story(
    ['node1', 'node2', 'node3', 'node4'],
    'ha',
    [0, { do: 'cut', node: 'node1', other: 'node2' }],
    [0, { do: 'cut', node: 'node1', other: 'node3' }],
    [0, { do: 'cut', node: 'node2', other: 'node4' }],
  ),
  'the daemon of the holder dies, the service does not': story(
    two,
    'ha',
    [0, { do: 'kill daemon', node: 'node1' }],
    [9000, { do: 'boot', node: 'node1' }],
  ),
  'the daemon of the holder is stopped, the service is not': story(
    two,
    'ha',
    [0, { do: 'stop daemon', node: 'node1' }],
    [3000, { do: 'cut', node: 'node1', other: 'node2' }],
  ),
  'the holder without its daemon is connected again while another member has not answered yet': story(
    three,
    'ha',
    [0, { do: 'isolate', node: 'node1' }],
    [0, { do: 'kill daemon', node: 'node1' }],
    [1000, { do: 'lose', node: 'node2', other: 'node3', what: 'documents' }],
    [3200, { do: 'mend', node: 'node1', other: 'node2' }],
    [6500, { do: 'heal' }],
  ),
  'one had left, and runs it when the other, which was off meanwhile, is back': story(
    two,
    'ha',
    [0, { do: 'stop daemon', node: 'node2' }],
    [1000, { do: 'crash', node: 'node1' }],
    [1500, { do: 'boot', node: 'node2' }],
    [11_000, { do: 'boot', node: 'node1' }],
  ),
  'the holder crashes and is back at once': story(
    two,
    'ha',
    [0, { do: 'crash', node: 'node1' }],
    [100, { do: 'boot', node: 'node1' }],
  ),
  'everybody crashes at once': story(
    three,
    'ha',
    ...three.map((node): readonly [number, Step] => [0, { do: 'crash', node }]),
    ...three.map((node, i): readonly [number, Step] => [500 * i + 200, { do: 'boot', node }]),
  ),
  'both halves run it, and then hear each other': story(
    two,
    'ha',
    [0, { do: 'cut', node: 'node1', other: 'node2' }],
    [6000, { do: 'heal' }],
  ),
  'a silence shorter than the timeout': story(
    two,
    'ha',
    [0, { do: 'isolate', node: 'node1' }],
    [3000, { do: 'heal' }],
  ),
  'a stop fails, then works': story(
    two,
    'ha',
    [0, { do: 'ail', node: 'node1', service: 'db1', ailment: 'stop' }],
    [100, ask('node2', 'switch')],
    [2000, { do: 'ail', node: 'node1', service: 'db1', ailment: null }],
    [2100, ask('node2', 'stop')],
    [4000, ask('node2', 'start')],
  ),
}
