import { expect, test } from 'vitest'
import { guardStories } from './guard-stories.js'
import { replayOf } from './report.js'
import { runSoak } from './soak-run.js'

const counted = ['unprotected', 'reset', 'guard']

/** What a machine without a watchdog does of itself, and how often two were up at once that nothing could help. */
test.each([
  ['the holder stands still where nothing resets a machine, and goes on later', [1, 0, 1]],
  ['the holder is cut off, and nothing resets what cannot be stopped there', [1, 0, 1]],
  ['the holder is cut off, and what cannot be stopped there ends with a reset', [0, 1, 0]],
  ['the holder goes on before its time is over, and is stopped', [0, 0, 1]],
  ['the holder goes on when its time is over, and is reset at once', [1, 1, 0]],
  ['the guard stands still in the midst of a stop, and resets its machine as it goes on', [1, 1, 0]],
] as const)('%s', (name, times) => {
  const soak = guardStories[name]
  if (soak === undefined) throw new Error(`there is no story "${name}"`)
  const { violations, counts } = runSoak(soak)
  expect(violations).toEqual([])
  expect(counted.map((what) => counts[what] ?? 0)).toEqual(times)
})

test('a seed is replayed with what ends a machine', () => {
  const setting = { nodes: 3, witnesses: 0, quorum: true, minutes: 30 }
  expect(replayOf(7, { ...setting, selfFence: 'stop' })).toMatch(/ SELF_FENCE=stop$/)
  expect(replayOf(7, { ...setting, selfFence: 'stop', profile: 'fast' })).toMatch(/ PROFILE=fast$/)
  expect(replayOf(7, setting)).not.toMatch(/SELF_FENCE|PROFILE/)
})
