import { expect, test } from 'vitest'
import { decide } from '../../src/core/decide/index.js'
import { BrokenInvariant } from '../../src/core/invariant.js'
import { caughtDirectly, caughtInStory } from './catch.js'
import { catchers, unprotected } from './catchers.js'
import { kindOf } from './kinds.js'
import { mutations } from './mutations.js'
import { quorumStories } from './quorum-stories.js'
import { soakMutations } from './soak-mutations.js'

const rule = 'a start needs no claim'
const unprotectedRule = 'a claim needs no answer'

/** The cluster never settles, and nothing is harmed. */
const idle: typeof decide = () => ({ intents: [], notes: {}, wakeAtMs: null, servicesWakeAtMs: null })

const throwing = (error: Error) => (): never => {
  throw error
}

test('a mutation that breaks by itself is not caught: what it throws is seen', () => {
  const broken = throwing(new TypeError('a mutation of yesterday'))
  expect(() => caughtInStory(rule, { decide: broken })).toThrow('a mutation of yesterday')
  expect(() => caughtDirectly(unprotectedRule, broken)).toThrow('a mutation of yesterday')
})

test('a claim of the agent that does not hold is a violation, and none of another kind', () => {
  const broken = throwing(new BrokenInvariant('a cluster of one has a member'))
  expect(caughtInStory(rule, { decide: broken })).toBeNull()
  expect(caughtInStory('without a story', { decide: broken })).toBeNull()
})

test('a rule of safety is not caught where a service is only down; one of liveness is', () => {
  expect(caughtInStory(rule, { decide: idle })).toBeNull()
  expect(caughtDirectly(unprotectedRule, idle)).toBeNull()
  expect(caughtInStory('claims never end', { decide: idle })?.kind).toBe('not up in time')
})

test('every catcher is for a rule that is broken somewhere, and names a story', () => {
  expect(Object.keys(catchers).filter((name) => !(name in soakMutations))).toEqual([])
  expect(Object.values(catchers).filter(({ story }) => !(story in quorumStories))).toEqual([])
  expect(Object.keys(unprotected).sort()).toEqual(Object.keys(mutations).sort())
})

test.each([
  ['db1 began on node2 at 9020 ms while it was up on node1 and node3', 'two instances at once'],
  ['db1 is up on node1 and node2', 'two instances left'],
  ['db1 is up on no node, at 26000 ms', 'not up in time'],
  [
    'start of db1 on node2 at 24044 ms, though all others know that it is frozen',
    'a start of what is frozen',
  ],
  ['stop of db1 on node2 at 24044 ms for a target state that is over', 'an action for what is over'],
  ['config/db1, as it was accepted on node1, is missing in the history there', 'a hole in a history'],
  [
    'node1 says that its store was rolled back, and it was not, at 900 ms',
    'a store that was not rolled back',
  ],
  ['documents still change', 'not at rest'],
])('"%s" is of the kind: %s', (violation, kind) => {
  expect(kindOf(violation)).toBe(kind)
})

test('words that nobody knows are of no kind', () => {
  expect(() => kindOf('db1 is unwell')).toThrow('of 0 kinds')
})
