import { expect, test } from 'vitest'
import type { ResourceProbe } from '../../../src/core/event.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { localOf, ownInstance } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { nowMs, worldOf } from '../../cases/world.js'

const seen = (status: ResourceProbe['status'], released: boolean): ResourceProbe => ({
  status,
  label: 'as just seen',
  messages: [],
  provisioned: null,
  released,
})

/** A preparation ends well, and tells of these of its two resources. */
function afterPreparing(resources: Readonly<Record<string, ResourceProbe>>): World {
  const world = worldOf({
    why: 'db1 is prepared on this node',
    resources: [
      { rid: 'fs#1' },
      { rid: 'container#0', group: 'container', type: 'docker', exclusive: false },
    ],
    running: { action: 'prepare' },
    on: { node1: 'claimed', node2: 'up' },
  })
  const local = { ...localOf(world, 'db1'), released: true, seenReleased: ['fs#1'] }
  const version = world.services['db1']?.service.version ?? ''
  const outcome = {
    ok: true,
    failure: null,
    aborted: false,
    probe: { service: 'db1', version, resources },
  }
  return reduce(
    { ...world, local: { db1: local } },
    { nowMs, wallMs: world.wallMs, random: 0.5 },
    { kind: 'action ended', service: 'db1', id: 'a1', outcome },
  )
}

test('what a preparation had nothing to do with stays as it was seen before', () => {
  const world = afterPreparing({ 'container#0': seen('up', false) })
  const instance = ownInstance(world, 'db1')
  expect(instance).toMatchObject({ monitor: 'idle', avail: 'down', place: { kind: 'claimed' } })
  expect(instance?.resources['container#0']).toMatchObject({ status: 'up', label: 'as just seen' })
  expect(instance?.resources['fs#1']?.label).not.toBe('as just seen')
  expect(localOf(world, 'db1').seenReleased).toEqual(['fs#1'])
})

test('where it has looked at everything, what is held by now is held', () => {
  const world = afterPreparing({ 'container#0': seen('up', false), 'fs#1': seen('up', false) })
  expect(ownInstance(world, 'db1')?.place.kind).toBe('held')
  expect(localOf(world, 'db1').released).toBe(false)
})
