import { describe, expect, test } from 'vitest'
import { Agent } from '../../../src/daemon/agent/agent.js'
import { targetOf } from '../../../src/core/view.js'
import { rememberDrain, thawDrained } from '../../../src/daemon/agent/drain-freeze.js'
import type { ClusterRoom } from '../../../src/daemon/cluster-room.js'
import { drain } from '../../../src/daemon/drain.js'
import { StoreFailure } from '../../../src/daemon/store-failure.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** A node that runs db1, with the store of its daemon. */
function node() {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  let ids = 0
  const rng = { random: () => 0.5, id: () => `id${(ids += 1)}` }
  const world = worldOf({ why: 'node1 runs it', on: { node1: 'up', node2: 'down' } })
  const store = memoryStore()
  const agent = new Agent(world, { clock, rng, store })
  const room = { agent, ports: { clock, rng, store }, node: { name: 'node1' } } as unknown as ClusterRoom
  const frozen = (by = agent): unknown => by.world.registers['freeze/@node1']?.value
  const freeze = (by = agent): void => {
    clock.pass(10)
    by.write([{ kind: 'freeze', name: '@node1', value: true }])
  }
  /** The next daemon, which knows what this one has stored, as it begins. `registers`: what it had heard of. */
  const next = (registers = agent.world.registers): Agent => {
    const later = new Agent({ ...world, registers: { ...registers } }, { clock, rng, store })
    clock.pass(10)
    thawDrained(later, store.get('drain'))
    return later
  }
  return { agent, clock, store, shutDown: () => drain(room), frozen, freeze, next }
}

describe('a drain before a shutdown that the end of the daemon overtakes', () => {
  test('leaves no freeze behind, and names what did not move', async () => {
    const { agent, clock, shutDown, frozen } = node()
    const ends = shutDown()
    expect(frozen()).toBe(true)
    agent.put({ kind: 'leaving' })
    clock.pass(200)
    expect(await ends).toMatchObject({
      ok: false,
      error: { message: 'omd ends meanwhile: db1 did not move away' },
    })
    expect(frozen()).toBe(false)
  })

  test.each([
    ['before it', true],
    ['in the midst of it', false],
  ])('leaves the freeze of an operator who froze the node %s', async (_, before) => {
    const { agent, clock, shutDown, frozen, freeze, next } = node()
    if (before) freeze()
    const ends = shutDown()
    if (!before) freeze()
    agent.put({ kind: 'leaving' })
    clock.pass(200)
    expect(await ends).toMatchObject({ ok: false })
    expect(frozen()).toBe(true)
    expect(frozen(next())).toBe(true)
  })
})

test('of two drains that overlap the end of the first does not thaw under the second', () => {
  const { agent, store, frozen, freeze } = node()
  freeze()
  const first = rememberDrain(store, agent.world)
  freeze()
  const second = rememberDrain(store, agent.world)
  thawDrained(agent, first)
  expect(frozen()).toBe(true)
  thawDrained(agent, second)
  expect(frozen()).toBe(false)
})

describe('the daemon after one that was killed in the midst of such a drain', () => {
  test('thaws its node', () => {
    const { shutDown, frozen, next } = node()
    void shutDown()
    expect(frozen()).toBe(true)
    expect(frozen(next())).toBe(false)
  })

  test('thaws it where that was the second drain, asked for beside the first', () => {
    const { clock, shutDown, frozen, next } = node()
    void shutDown()
    clock.pass(10)
    void shutDown()
    expect(frozen(next())).toBe(false)
  })

  test('leaves it frozen where an operator had frozen it before', () => {
    const { shutDown, frozen, freeze, next } = node()
    freeze()
    void shutDown()
    expect(frozen(next())).toBe(true)
  })

  test('leaves it frozen where an operator has frozen it since', () => {
    const { shutDown, frozen, freeze, next } = node()
    void shutDown()
    freeze()
    expect(frozen(next())).toBe(true)
  })

  test('does not win over an operator who froze it on another node, heard of only afterwards', () => {
    const { agent, shutDown, frozen, freeze, next } = node()
    void shutDown()
    const { registers } = agent.world
    freeze()
    const later = next(registers)
    expect(frozen(later)).toBe(false)
    const heard = agent.world.registers['freeze/@node1']
    if (heard !== undefined) later.put({ kind: 'registers', entries: [heard] })
    expect(frozen(later)).toBe(true)
  })

  test('is the only one that thaws it: an operator who freezes it later is heeded by every daemon behind it', () => {
    const { store, shutDown, frozen, freeze, next } = node()
    void shutDown()
    const later = next()
    freeze(later)
    thawDrained(later, store.get('drain'))
    expect(frozen(later)).toBe(true)
  })

  test('leaves it frozen where the drain could not be remembered, which goes on all the same, and thaws in the end', async () => {
    const { agent, clock, store, shutDown, frozen, next } = node()
    const { putAll } = store
    store.putAll = (entries) => {
      if (entries.some(({ key }) => key === 'drain'))
        throw new StoreFailure({ code: 'INTERNAL', message: 'the disk is full' }, false)
      putAll(entries)
    }
    const ends = shutDown()
    expect(targetOf(agent.world, 'db1')?.target).toEqual({ kind: 'placed', node: 'node2' })
    expect(frozen(next())).toBe(true)
    agent.put({ kind: 'leaving' })
    clock.pass(200)
    expect(await ends).toMatchObject({ ok: false })
    expect(frozen()).toBe(false)
  })
})
