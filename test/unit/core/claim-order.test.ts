import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/core/decide/index.js'
import { worldOf } from '../../cases/world.js'

/** An operator starts db1 on `self`, while the other one claims it. */
const asked = (self: string, other: string, more: object = {}): ReturnType<typeof decide> =>
  decide(worldOf({ why: '', self, order: 'start', on: { [self]: 'down', [other]: 'claimed' }, ...more }))
const claims = ({ intents }: ReturnType<typeof decide>): boolean => intents.some((one) => one.do === 'claim')

describe('beside the claim of another node', () => {
  test('that goes first nothing is claimed: a higher number would keep that one from being granted', () => {
    const decided = asked('node2', 'node1')
    expect(decided.intents).toEqual([])
    expect(decided.notes).toEqual({ db1: 'the claim of node1 goes first' })
    // The order stands, and is looked at again.
    expect(decided.wakeAtMs).toBe(100_000 + 500)
  })

  test('that does not go first one is made', () => {
    expect(claims(asked('node1', 'node2'))).toBe(true)
  })

  test('that is silent one is made, where there is proof', () => {
    const silent = { silent: ['node1'], off: { node1: 'newest' } }
    expect(claims(asked('node2', 'node1', silent))).toBe(true)
  })
})
