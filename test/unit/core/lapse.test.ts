import { expect, test } from 'vitest'
import { decide } from '../../../src/core/decide/index.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { ownInstance } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { nowMs, worldOf } from '../../cases/world.js'

/** What was running when the lease ended has just ended, with nothing left of it: the guard was quicker than the daemon. */
function afterTheEnd(lease: string, running: object): World {
  const world = worldOf({
    why: 'the lease ends in the middle of an action',
    quorum: true,
    lease,
    running,
    on: { node1: 'held', node2: 'down' },
  })
  const version = world.services['db1']?.service.version ?? ''
  const flag = { status: 'down', label: 'flag', messages: [], provisioned: true, released: true } as const
  const probe = { service: 'db1', version, resources: { 'fs#1': flag } }
  const outcome = { ok: false, failure: 'the action was ended', aborted: true, probe }
  const moment = { nowMs, wallMs: world.wallMs, random: 0.5 }
  return reduce(world, moment, { kind: 'action ended', service: 'db1', id: 'a1', outcome })
}

test.each([
  ['start', 'lapsed', 'idle'],
  ['restart', 'lapsed', 'idle'],
  ['stop', 'lapsed', 'idle'],
  ['unprovision', 'lapsed', 'unprovision failed'],
  ['start', 'valid', 'start failed'],
  ['stop', 'valid', 'stop failed'],
] as const)(
  'a %s that is cut short, the lease being %s, leaves the instance %s',
  (action, lease, monitor) => {
    expect(ownInstance(afterTheEnd(lease, { action }), 'db1')?.monitor).toBe(monitor)
  },
)

test('a stop by force that fails is a failed stop', () => {
  expect(ownInstance(afterTheEnd('lapsed', { action: 'stop', forced: true }), 'db1')?.monitor).toBe(
    'stop failed',
  )
})

test('the place of what was cut short is given up, so that it may start again', () => {
  const { intents } = decide(afterTheEnd('lapsed', { action: 'start' }))
  expect(intents).toMatchObject([{ do: 'release', service: 'db1' }])
})
