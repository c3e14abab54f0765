import { expect, test } from 'vitest'
import { caughtDirectly, seedsToCatchUnprotected } from './catch.js'
import { mutations } from './mutations.js'

/** A broken rule is caught by a directed schedule, or by one of so many seeds. */
const seeds = 20

test.each(Object.entries(mutations))('is caught: %s', (_, rules) => {
  expect(caughtDirectly(rules) ?? seedsToCatchUnprotected(rules, seeds)).not.toBeNull()
})
