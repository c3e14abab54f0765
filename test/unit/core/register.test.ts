import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { registersArrived } from '../../../src/core/reduce/registers.js'
import { compareStamps, nextStamp, type RegisterEntry, type Stamp } from '../../../src/core/register.js'
import { worldOf } from '../../cases/world.js'

const stamp: fc.Arbitrary<Stamp> = fc.record({
  wallMs: fc.nat(5),
  count: fc.nat(3),
  node: fc.constantFrom('node1', 'node2', 'node3'),
})

describe('stamps', () => {
  test.each<readonly [string, Stamp | null, number, Stamp]>([
    ['the first', null, 7, { wallMs: 7, count: 0, node: 'me' }],
    ['wall time has gone on', { wallMs: 5, count: 9, node: 'x' }, 7, { wallMs: 7, count: 0, node: 'me' }],
    ['twice in a millisecond', { wallMs: 7, count: 0, node: 'x' }, 7, { wallMs: 7, count: 1, node: 'me' }],
    ['wall time was set back', { wallMs: 9, count: 4, node: 'x' }, 7, { wallMs: 9, count: 5, node: 'me' }],
  ])('%s', (_, newest, wallMs, expected) => {
    expect(nextStamp(newest, wallMs, 'me')).toEqual(expected)
  })

  test('law: the next stamp is newer than everything seen, whatever the clock says', () => {
    fc.assert(
      fc.property(stamp, fc.nat(9), (newest, wallMs) => {
        expect(compareStamps(nextStamp(newest, wallMs, 'node1'), newest)).toBeGreaterThan(0)
      }),
    )
  })

  test('law: stamps are in one order, and only the same stamp is equal', () => {
    fc.assert(
      fc.property(stamp, stamp, stamp, (a, b, c) => {
        expect(Math.sign(compareStamps(a, b))).toBe(-Math.sign(compareStamps(b, a)) + 0)
        if (compareStamps(a, b) === 0) expect(a).toEqual(b)
        if (compareStamps(a, b) <= 0 && compareStamps(b, c) <= 0)
          expect(compareStamps(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

// One author writes one value for each of its stamps.
const entry: fc.Arbitrary<RegisterEntry> = fc
  .tuple(stamp, fc.constantFrom('db1', 'web'))
  .map(([at, name]) => ({ kind: 'freeze', name, stamp: at, value: (at.wallMs + at.count) % 2 === 0 }))

describe('registers', () => {
  const world = worldOf({ why: 'any', on: { node1: 'stop failed' }, local: { userStopped: ['fs#1'] } })

  test('law: nodes that have the same writes have the same values, in whatever order and however often they came', () => {
    const twoOrders = fc
      .array(entry, { maxLength: 8 })
      .chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })),
      )
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(registersArrived(world, other).registers).toEqual(registersArrived(world, one).registers)
      }),
    )
  })

  test('a clear ends failed states and lets resources be restarted again', () => {
    const at = { wallMs: 1, count: 0, node: 'node2' }
    const cleared = registersArrived(world, [{ kind: 'clear', name: 'db1', stamp: at, value: true }])
    expect(cleared.documents['node1']?.instances['db1']).toMatchObject({ monitor: 'idle', failure: null })
    expect(cleared.local['db1']?.userStopped).toEqual([])
  })

  test('the same clear again clears nothing that failed since', () => {
    const at = { wallMs: 1, count: 0, node: 'node2' }
    const write: RegisterEntry = { kind: 'clear', name: 'db1', stamp: at, value: true }
    const again = registersArrived({ ...world, registers: { 'clear/db1': write } }, [write])
    expect(again.documents['node1']?.instances['db1']?.monitor).toBe('stop failed')
  })
})
