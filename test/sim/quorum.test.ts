import { describe, expect, test } from 'vitest'
import { caughtBySeed, caughtInStory } from './catch.js'
import { catchers } from './catchers.js'
import { quorumStories } from './quorum-stories.js'
import { runSoak } from './soak-run.js'
import { soakMutations } from './soak-mutations.js'
import { soakOf, type Setting } from './soak.js'

/** Enough to meet most faults; `make sim` goes on for hours. */
const three: Setting = { nodes: 3, witnesses: 0, quorum: true, minutes: 4 }
const witnessed: Setting = { nodes: 2, witnesses: 1, quorum: true, minutes: 4 }
const five: Setting = { nodes: 5, witnesses: 0, quorum: true, minutes: 2 }

describe('with quorum never two instances, whatever happens, and one again once all is healed', () => {
  test.each(Object.entries(quorumStories))('%s', (_, soak) => {
    expect(runSoak(soak).violations).toEqual([])
  })

  test.each([
    [1, three],
    [1, witnessed],
    [1, five],
  ] as const)('seed %i of %o', (seed, setting) => {
    expect(runSoak(soakOf(seed, setting)).violations).toEqual([])
  })
})

test.each(Object.entries(soakMutations))('is caught: %s', (name, mutation) => {
  const caught =
    name in catchers
      ? caughtInStory(name, mutation)
      : caughtBySeed(name, mutation, { seeds: 10, setting: three })
  expect(caught).not.toBeNull()
})
