import { hears } from './membership.js'
import { targetOf, instanceOn, membersOf, ownInstance, placeOn } from './view.js'
import type { World } from './world.js'

/**
 * Does another node bring the service up, or is it about to? Its claim is its word that it will; from its start on its monitor state tells.
 */
export function isBeingTaken(world: World, service: string): boolean {
  const view = world.services[service]
  if (view === undefined) return false
  return membersOf(view).some((node) => {
    if (node === world.self || !hears(world, node)) return false
    const place = placeOn(world, node, service)
    if (place?.kind === 'claimed') return true
    return place?.kind === 'held' && instanceOn(world, node, service)?.monitor === 'starting'
  })
}

/** The id of the target state for which another node prepares its start while this one holds the service; null where none does. */
export function preparedElsewhere(world: World, service: string): string | null {
  const value = targetOf(world, service)
  if (value?.target.kind !== 'placed' || value.target.node === world.self) return null
  const holds = ownInstance(world, service)?.place.kind === 'held'
  return holds && instanceOn(world, value.target.node, service)?.monitor === 'preparing' ? value.id : null
}
