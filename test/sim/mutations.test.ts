import { expect, test } from 'vitest'
import { directed } from './directed.js'
import { mutations } from './mutations.js'
import { runSchedule, runSeed } from './run.js'

/** A broken rule is caught by a directed schedule, or by one of so many seeds. */
const seeds = Array.from({ length: 80 }, (_, i) => i + 1)

test.each(Object.entries(mutations))('is caught: %s', (_, rules) => {
  const byStory = Object.keys(directed).find((name) => {
    const schedule = directed[name]
    return schedule !== undefined && fails(() => runSchedule(schedule, rules).violations)
  })
  const caught = byStory ?? seeds.find((seed) => fails(() => runSeed(seed, rules).violations))
  expect(caught).toBeDefined()
})

/** A broken invariant of the agent itself is a catch too. */
function fails(run: () => readonly string[]): boolean {
  try {
    return run().length > 0
  } catch {
    return true
  }
}
