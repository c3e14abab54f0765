import { expect, test } from 'vitest'
import { reduce } from '../../../src/core/reduce/index.js'
import type { Resource, Service } from '../../../src/core/service.js'
import { localOf, viewOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import type { Node } from '../../../src/daemon/agent/action/view.js'
import type { Agent } from '../../../src/daemon/agent/agent.js'
import { Guarding, type GuardingPorts } from '../../../src/daemon/agent/guarding.js'
import type { Clock, Guard, Severing } from '../../../src/daemon/ports.js'
import { builtinDrivers, registryOf } from '../../../src/resources/registry.js'
import { worldOf } from '../../cases/world.js'
import { flag, flagService } from '../../sim/service.js'

const mount = (rid: string, mnt: string): Resource => ({
  ...flag,
  rid,
  type: 'xfs',
  keywords: { dev: '/dev/a', mnt },
  identity: mnt,
})

const service = (version: string, resources: readonly Resource[]): Service => ({
  ...flagService('db1', ['node1', 'node2']),
  version,
  resources,
})

const former = service('1', [mount('fs#1', '/srv/a')])
const next = service('2', [mount('fs#2', '/srv/b')])

/** What the guard of a daemon that begins with this world is told: what to end, and until when the lease lasts. */
function guarded(world: World): { readonly how: readonly Severing[]; readonly endsMs: readonly number[] } {
  let how: readonly Severing[] = []
  const endsMs: number[] = []
  const guard = {
    memory: { held: ['db1'], leaseEndsMs: 0 },
    onEvent: () => undefined,
    watch: () => undefined,
    extend: (atMs: number) => void endsMs.push(atMs),
    release: () => (how = []),
    hold: (_: string, words: readonly Severing[]) => (how = words),
  } as Partial<Guard> as Guard
  const node = { name: 'node1', registry: registryOf(builtinDrivers) } as Partial<Node> as Node
  const agent = { world } as Partial<Agent> as Agent
  const clock = { nowMs: () => world.nowMs } as Partial<Clock> as Clock
  const ports = { agent, node, guard, clock } as Partial<GuardingPorts> as GuardingPorts
  new Guarding(ports).turned(world, world)
  return { how, endsMs }
}

const told = (world: World): readonly Severing[] => guarded(world).how

test('a new daemon has the guard end what its former configuration holds, until that was seen released', () => {
  const world = worldOf({ why: '', quorum: true, on: { node1: 'up', node2: 'down' } })
  const begun = {
    ...world,
    services: {},
    local: { db1: { ...localOf(world, 'db1'), released: false, former } },
  }
  const moment = { nowMs: world.nowMs, wallMs: world.wallMs, random: 0 }
  const held = reduce(begun, moment, { kind: 'configured', name: 'db1', service: next, problem: null })
  expect(viewOf(held, 'db1').awaited).toBe(next)
  expect(told(held)).toEqual([['@umount', '/srv/a']])
  const taken = { ...held, services: { db1: { service: next, problem: null, formerMembers: [] } } }
  expect(told(taken)).toEqual([['@umount', '/srv/b']])
})

test('where the lease counts from a return that is still to come, the guard is told of one from now on: a daemon that hangs may have returned', () => {
  const world = worldOf({ why: '', quorum: true, on: { node1: 'up', node2: 'down' } })
  const lease = { ...world.lease, ackedMs: {}, begun: true, lapsed: false, carriedUntilMs: Infinity }
  expect(guarded({ ...world, lease }).endsMs).toEqual([world.nowMs + world.cluster.heartbeat.leaseMs])
})
