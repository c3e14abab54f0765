import type { Service } from '../service.js'
import { localOf, ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { without, writeInstance } from './own.js'

/** A configuration version is in force, or refused and the last good one stays. */
export function configured(
  world: World,
  name: string,
  service: Service | null,
  problem: string | null,
): World {
  const before = world.services[name]
  if (service === null) {
    if (before === undefined) return world
    return { ...world, services: { ...world.services, [name]: { ...before, problem } } }
  }
  const gone =
    before === undefined ? [] : before.service.nodes.filter((node) => !service.nodes.includes(node))
  const former = [...(before?.formerMembers ?? world.memories[name]?.formerMembers ?? []), ...gone].filter(
    (node) => !service.nodes.includes(node),
  )
  const view: ServiceView = { service, problem, formerMembers: [...new Set(former)] }
  return { ...world, services: { ...world.services, [name]: view } }
}

/** The service's tombstone arrived. What is still held stays in the document until it was released. */
export function deleted(world: World, name: string): World {
  const place = ownInstance(world, name)?.place
  const next = {
    ...world,
    services: without(world.services, name),
    orders: without(world.orders, name),
    memories: without(world.memories, name),
  }
  if (place?.kind === 'held' && !localOf(world, name).released) return next
  return { ...writeInstance(next, name, null), local: without(next.local, name) }
}

/** A former member has dropped the service. */
export function formerForgotten(world: World, service: string, node: string): World {
  const view = world.services[service]
  if (view === undefined) return world
  const formerMembers = view.formerMembers.filter((name) => name !== node)
  return { ...world, services: { ...world.services, [service]: { ...view, formerMembers } } }
}
