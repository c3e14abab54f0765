import { describe, expect, test } from 'vitest'
import { isLapsed, leaseEndsMs } from '../../../src/core/lease.js'
import { reduce } from '../../../src/core/reduce/index.js'
import type { World } from '../../../src/core/world.js'
import { durableChanges } from '../../../src/daemon/agent/durable.js'
import { farewellKey, farewellOver } from '../../../src/daemon/agent/farewell.js'
import type { Store } from '../../../src/daemon/ports.js'
import { reborn } from '../../cases/reborn.js'
import { worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'

const up = worldOf({
  why: 'node1 runs it under a lease',
  nodes: ['node1', 'node2', 'node3'],
  quorum: true,
  on: { node1: 'up', node2: 'down', node3: 'down' },
})
const { leaseMs } = up.cluster.heartbeat

/** What a daemon on node1 has left behind that ran db1 there. */
function left(more: Readonly<Record<string, string>> = {}): Store {
  const store = memoryStore()
  const given = Object.entries(more).map(([key, value]) => ({ key, value }))
  store.putAll([{ key: 'boot', value: 'boot1' }, ...durableChanges(null, up), ...given])
  return store
}

/** The next daemon. */
const born = (store: Store, bootId?: string): World => reborn(store, up.cluster, bootId)

const after = (world: World, ms: number): World =>
  reduce(world, { nowMs: world.nowMs + ms, wallMs: 0, random: 0 }, { kind: 'wake' })
const looked = (world: World, ms: number): World =>
  reduce(world, { nowMs: world.nowMs + ms, wallMs: 0, random: 0 }, { kind: 'probing ended' })

describe('a farewell that a majority has heard', () => {
  const minute = 60_000

  test('keeps what runs for as long as the first look takes, and for a lease from the return on', () => {
    const world = born(left({ [farewellKey]: 'boot1' }))
    expect(isLapsed(after(world, minute))).toBe(false)
    const back = looked(world, minute)
    expect(isLapsed(back)).toBe(false)
    expect(leaseEndsMs(back)).toBe(back.nowMs + leaseMs)
    expect(isLapsed(after(back, leaseMs + 1))).toBe(true)
  })

  test('is as good for the daemon behind one that died before its first beat', () => {
    const store = left({ [farewellKey]: 'boot1' })
    born(store)
    expect(isLapsed(after(born(store), minute))).toBe(false)
  })

  test('is no evidence any more once a daemon beats', () => {
    const store = left({ [farewellKey]: 'boot1' })
    born(store)
    farewellOver(store)
    expect(isLapsed(born(store))).toBe(true)
  })

  test('is none behind a boot, nor where none was said', () => {
    expect(isLapsed(born(left({ [farewellKey]: 'boot1' }), 'boot2'))).toBe(true)
    expect(isLapsed(born(left()))).toBe(true)
  })
})

test('what is found active behind a boot was found there, however soon the first daemon dies', () => {
  const store = left()
  const daemons = [born(store, 'boot2'), born(store, 'boot2')]
  const told = daemons.map(({ local, memories }) => [
    local['db1']?.foundAtBoot,
    memories['db1']?.started,
    local['db1']?.generation,
  ])
  expect(told).toEqual([
    [true, false, up.local['db1']?.generation],
    [true, false, up.local['db1']?.generation],
  ])
})
