import { expect, test } from 'vitest'
import { ownInstance } from '../../../src/core/view.js'
import { Agent } from '../../../src/daemon/agent/agent.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** node1, which stops db1, in a loop that is ended or not when the command under way is killed. */
function killedStop(how: { readonly ended: boolean }) {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  const store = memoryStore()
  const world = worldOf({
    why: 'a switch',
    target: 'placed@node2',
    on: { node1: { is: 'up', monitor: 'stopping' }, node2: 'down' },
    running: { action: 'stop' },
  })
  const agent = new Agent(world, { clock, rng: { random: () => 0.5, id: () => 'id' }, store })
  agent.begin(() => undefined)
  if (how.ended) agent.stop()
  const probe = { service: 'db1', version: world.services['db1']?.service.version ?? '', resources: {} }
  const outcome = { ok: false, failure: 'app#1: stop was killed', aborted: true, probe }
  agent.put({ kind: 'action ended', service: 'db1', id: 'a1', outcome })
  const stored = store.list('').map(({ value }) => value)
  return {
    monitor: ownInstance(agent.world, 'db1')?.monitor,
    remembersFailure: stored.some((value) => value.includes('stop failed')),
  }
}

test('what the end of a daemon does to a running action is not remembered as its failure', () => {
  expect(killedStop({ ended: true })).toEqual({ monitor: 'stopping', remembersFailure: false })
})

test('a stop that is killed while the loop goes on has failed', () => {
  expect(killedStop({ ended: false })).toEqual({ monitor: 'stop failed', remembersFailure: true })
})
