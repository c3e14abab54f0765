import type { Event, InstanceProbe } from '../../../src/core/event.js'
import { reduce } from '../../../src/core/reduce/index.js'
import type { Resource, Service } from '../../../src/core/service.js'
import { viewOf } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'
import { flag, flagService } from '../../sim/service.js'

export const disk: Resource = { ...flag, rid: 'fs#1', identity: 'fs.xfs /dev/a@/srv' }
export const address: Resource = { ...flag, rid: 'ip#1', group: 'ip', identity: 'ip.host 10.0.0.9 eth0' }
export const former = service('1', [disk, address])
export const without = service('2', [address])

export function service(
  version: string,
  resources: readonly Resource[],
  change: Partial<Service> = {},
): Service {
  return { ...flagService('db1', ['node1', 'node2']), version, resources, ...change }
}

export const moment = { nowMs: 100_000, wallMs: 0, random: 0.5 }
export const after = (world: World, ...events: readonly Event[]): World =>
  events.reduce((next, event) => reduce(next, moment, event), world)

export const configured = (next: Service): Event => ({
  kind: 'configured',
  name: 'db1',
  service: next,
  problem: null,
})

export function look({ version, resources }: Service, active: readonly string[]): InstanceProbe {
  const seen = ({ rid, identity }: Resource): InstanceProbe['resources'][string] => {
    const up = active.includes(rid)
    return { status: up ? 'up' : 'down', label: identity, messages: [], provisioned: true, released: !up }
  }
  return {
    service: 'db1',
    version,
    resources: Object.fromEntries(resources.map((resource) => [resource.rid, seen(resource)])),
  }
}

export const probed = (of: Service, active: readonly string[]): Event => ({
  kind: 'probed',
  probes: [look(of, active)],
})

/** node1 of two has it up by the first configuration. */
export const up = ((): World => {
  const world = worldOf({ why: '', on: { node1: { is: 'up' }, node2: 'down' } })
  const services = { db1: { ...viewOf(world, 'db1'), service: former } }
  return after({ ...world, services }, probed(former, ['fs#1', 'ip#1']))
})()
