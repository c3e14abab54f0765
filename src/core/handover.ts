import { hears } from './membership.js'
import { instanceOn, membersOf, placeOn } from './view.js'
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
