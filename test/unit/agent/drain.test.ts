import { expect, test } from 'vitest'
import { Agent } from '../../../src/daemon/agent/agent.js'
import type { ClusterRoom } from '../../../src/daemon/cluster-room.js'
import { drain } from '../../../src/daemon/drain.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

test('a drain before a shutdown that the end of the daemon overtakes leaves no freeze behind', async () => {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  let ids = 0
  const rng = { random: () => 0.5, id: () => `id${(ids += 1)}` }
  const world = worldOf({ why: 'node1 runs it', on: { node1: 'up', node2: 'down' } })
  const agent = new Agent(world, { clock, rng, store: memoryStore() })
  const frozen = (): unknown => agent.world.registers['freeze/@node1']?.value
  const ends = drain({ agent, ports: { clock, rng }, node: { name: 'node1' } } as unknown as ClusterRoom)
  expect(frozen()).toBe(true)
  agent.put({ kind: 'leaving' })
  clock.pass(200)
  expect(await ends).toMatchObject({ ok: false, error: { message: /db1 did not move away/ } })
  expect(frozen()).toBe(false)
})
