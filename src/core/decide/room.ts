import type { InstanceDocument } from '../document.js'
import type { Intent } from '../intent.js'
import { instanceOn, isFailed, isUp, membersOf, targetOf } from '../view.js'
import type { ServiceView, World } from '../world.js'

/** Where a stop makes way for a start: the node that is to start the service; null for any other intent. A node that is drained, and so frozen, is to be empty soon, room or not. */
export function destinationOf(world: World, intent: Intent): string | null {
  if (intent.do !== 'act' || intent.action !== 'stop' || intent.target === null) return null
  const target = targetOf(world, intent.service)?.target
  if (target?.kind !== 'placed' || target.node === world.self) return null
  return world.registers[`freeze/@${world.self}`]?.value === true ? null : target.node
}

/** How many starts a node could begin now besides those that it has before it, as far as this one knows. */
export function roomOn(world: World, node: string): number {
  const before = Object.values(world.services).filter((view) => takesRoom(world, view, node))
  return world.cluster.maxParallel - before.length
}

function takesRoom(world: World, view: ServiceView, node: string): boolean {
  const { name } = view.service
  const instance = instanceOn(world, node, name)
  if (instance !== null && isAtWork(instance)) return true
  const target = targetOf(world, name)?.target
  if (target?.kind !== 'placed' || target.node !== node || isUp(instance)) return false
  // It waits for another service, which may be waiting for room.
  if (instance === null || isFailed(instance.monitor) || instance.monitor === 'wait parents') return false
  return membersOf(view).every((member) => {
    const other = member === node ? null : instanceOn(world, member, name)
    return other?.place.kind !== 'held' || other.monitor === 'stopping'
  })
}

function isAtWork({ monitor, place }: InstanceDocument): boolean {
  if (monitor === 'stopping') return place.kind === 'held'
  return (
    monitor === 'starting' ||
    monitor === 'restarting' ||
    monitor === 'provisioning' ||
    monitor === 'unprovisioning'
  )
}
