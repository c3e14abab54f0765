import { describe, expect, test } from 'vitest'
import { Agent } from '../../../src/daemon/agent/agent.js'
import type { ClusterRoom } from '../../../src/daemon/cluster-room.js'
import { thawDrained } from '../../../src/daemon/agent/drained.js'
import { drain } from '../../../src/daemon/drain.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** A node that runs db1, with the store of its daemon, in the midst of a drain before a shutdown. */
function draining() {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  let ids = 0
  const rng = { random: () => 0.5, id: () => `id${(ids += 1)}` }
  const world = worldOf({ why: 'node1 runs it', on: { node1: 'up', node2: 'down' } })
  const store = memoryStore()
  const agent = new Agent(world, { clock, rng, store })
  const ends = drain({
    agent,
    ports: { clock, rng, store },
    node: { name: 'node1' },
  } as unknown as ClusterRoom)
  const frozen = (by = agent): unknown => by.world.registers['freeze/@node1']?.value
  /** The next daemon, which knows what that one has stored. */
  const next = (): Agent => {
    const registers = { ...agent.world.registers }
    return new Agent({ ...world, registers }, { clock, rng, store })
  }
  return { agent, clock, store, ends, frozen, next }
}

test('a drain before a shutdown that the end of the daemon overtakes leaves no freeze behind', async () => {
  const { agent, clock, store, ends, frozen, next } = draining()
  expect(frozen()).toBe(true)
  agent.put({ kind: 'leaving' })
  clock.pass(200)
  expect(await ends).toMatchObject({ ok: false, error: { message: /db1 did not move away/ } })
  expect(frozen()).toBe(false)
  agent.write([{ kind: 'freeze', name: '@node1', value: true }])
  const later = next()
  thawDrained(later, store)
  expect(frozen(later)).toBe(true)
})

describe('the daemon after one that was killed in the midst of such a drain', () => {
  test('thaws its node', () => {
    const { store, frozen, next } = draining()
    const later = next()
    expect(frozen(later)).toBe(true)
    thawDrained(later, store)
    expect(frozen(later)).toBe(false)
  })

  test('leaves it frozen where an operator has frozen it since', () => {
    const { agent, store, frozen, next } = draining()
    agent.write([{ kind: 'freeze', name: '@node1', value: true }])
    const later = next()
    thawDrained(later, store)
    expect(frozen(later)).toBe(true)
  })

  test('does not win over an operator who froze it on another node, heard of only afterwards', () => {
    const { agent, clock, store, frozen, next } = draining()
    const later = next()
    clock.pass(10)
    agent.write([{ kind: 'freeze', name: '@node1', value: true }])
    clock.pass(10)
    thawDrained(later, store)
    const heard = agent.world.registers['freeze/@node1']
    if (heard !== undefined) later.put({ kind: 'registers', entries: [heard] })
    expect(frozen(later)).toBe(true)
  })

  test('is the only one that does: an operator who freezes the node later is heeded by every daemon behind it', () => {
    const { clock, store, frozen, next } = draining()
    const later = next()
    thawDrained(later, store)
    clock.pass(10)
    later.write([{ kind: 'freeze', name: '@node1', value: true }])
    thawDrained(later, store)
    expect(frozen(later)).toBe(true)
  })
})
