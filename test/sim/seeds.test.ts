import { describe, expect, test } from 'vitest'
import { directed } from './directed.js'
import { runSchedule, runSeed } from './run.js'

/** A few, for every change; `make test` runs new ones for a minute. */
const seeds = Array.from({ length: 30 }, (_, i) => i + 1)

const replay = (which: string): string => `replay it with: npx tsx test/sim/replay.ts ${which}`

describe('whatever happens, one instance at most within hearing, and one again once all is healed', () => {
  test.each(Object.entries(directed))('%s', (name, schedule) => {
    expect(runSchedule(schedule).violations, replay(`'${name}'`)).toEqual([])
  })

  test.each(seeds)('seed %i', (seed) => {
    expect(runSeed(seed).violations, replay(String(seed))).toEqual([])
  })
})

test('a seed tells the same story each time', () => {
  expect(runSeed(7).trace).toEqual(runSeed(7).trace)
})
