import { expect, test } from 'vitest'
import { caughtBySeedUnprotected, caughtDirectly } from './catch.js'
import { mutations } from './mutations.js'

/** A broken rule is caught by a directed schedule, or by one of so many seeds. */
const seeds = 20

test.each(Object.entries(mutations))('is caught: %s', (name, rules) => {
  expect(caughtDirectly(name, rules) ?? caughtBySeedUnprotected(name, rules, seeds)).not.toBeNull()
})
