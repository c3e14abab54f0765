import type { Soak } from './soak.js'
import { db1, story } from './story.js'

const stop = { selfFence: 'stop' } as const
const reboot = { selfFence: 'reboot' } as const

/** Machines that have no watchdog. */
export const guardStories: Readonly<Record<string, Soak>> = {
  'the holder stands still where nothing resets a machine, and goes on later': story(
    stop,
    [0, { do: 'pause', node: 'node1' }],
    [10_000, { do: 'resume', node: 'node1' }],
    [20_000, { do: 'expect up', ...db1 }],
  ),
  'the holder is cut off, and nothing resets what cannot be stopped there': story(
    stop,
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'stop' }],
    [100, { do: 'isolate', node: 'node1' }],
    [20_000, { do: 'ail', node: 'node1', ...db1, ailment: null }],
    [22_000, { do: 'expect up', ...db1 }],
  ),
  'the holder is cut off, and what cannot be stopped there ends with a reset': story(
    reboot,
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'stop' }],
    [100, { do: 'isolate', node: 'node1' }],
    [8000, { do: 'expect up', ...db1 }],
  ),
  'the holder goes on before its time is over, and is stopped': story(
    reboot,
    [0, { do: 'pause', node: 'node1' }],
    [3000, { do: 'resume', node: 'node1' }],
    [20_000, { do: 'expect up', ...db1 }],
  ),
  'the holder goes on when its time is over, and is reset at once': story(
    reboot,
    [0, { do: 'pause', node: 'node1' }],
    [10_000, { do: 'resume', node: 'node1' }],
    [10_010, { do: 'expect up', ...db1 }],
  ),
  'the guard stands still in the midst of a stop, and resets its machine as it goes on': story(
    reboot,
    [0, { do: 'ail', node: 'node1', ...db1, ailment: 'stop' }],
    [100, { do: 'isolate', node: 'node1' }],
    [4000, { do: 'pause', node: 'node1' }],
    [10_000, { do: 'resume', node: 'node1' }],
    [10_100, { do: 'expect up', ...db1 }],
  ),
}
