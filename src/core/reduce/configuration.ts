import { stillActive } from '../left-out.js'
import type { Service } from '../service.js'
import { localOf, ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { without, writeInstance, writeLocal } from './own.js'

/**
 * A configuration version is in force, or refused and the last good one stays. One that takes out what this node has not seen released is awaited
 * meanwhile: the node goes on with the former one, which knows how to see and stop it, among the new members.
 */
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
  const formerMembers = [...new Set(former)]
  const enacted = before?.service ?? localOf(world, name).former
  const view: ServiceView =
    enacted === null || stillActive(world, enacted, service).length === 0
      ? { service, problem, formerMembers }
      : { service: { ...enacted, nodes: service.nodes }, problem, formerMembers, awaited: service }
  return { ...world, services: { ...world.services, [name]: view } }
}

/** The configuration that was awaited is in force once what it has no more was seen released. */
export function awaitedTaken(world: World, name: string): World {
  const view = world.services[name]
  if (view?.awaited === undefined || stillActive(world, view.service, view.awaited).length > 0) return world
  const { awaited, ...rest } = view
  return { ...world, services: { ...world.services, [name]: { ...rest, service: awaited } } }
}

/** The service's tombstone arrived. What is still held stays in the document until it was released. */
export function deleted(world: World, name: string): World {
  const place = ownInstance(world, name)?.place
  const view = world.services[name]
  const kept = view === undefined ? world : writeLocal(world, name, { former: view.service })
  const next = {
    ...kept,
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
