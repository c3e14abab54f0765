import { hasLease } from '../lease.js'
import { hears } from '../membership.js'
import type { Place } from '../document.js'
import { ranked } from '../placement.js'
import { isFrozen, membersOf, ownInstance, placeOn } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'

type Held = Extract<Place, { kind: 'held' }>

/** Two instances hold the place: only possible where the set-up does not protect against it. Applies `on_duplicate`. */
export function duplicate(world: World, view: ServiceView): Verdict {
  const { service } = view
  const instance = ownInstance(world, service.name)
  if (instance === null || instance.place.kind !== 'held') return nothing
  const own = instance.place
  for (const node of membersOf(view)) {
    const place = placeOn(world, node, service.name)
    if (node === world.self || place?.kind !== 'held' || !hears(world, node) || onlyFound(world, node))
      continue
    const words = `two instances: ${world.self} (start ${own.generation}) and ${node} (start ${place.generation})`
    if (service.onDuplicate === 'freeze' && isFrozen(world, service.name, world.self))
      return note(
        `${words}: frozen, an operator decides which one goes: om ${service.name} stop --local there`,
      )
    if (service.onDuplicate === 'freeze')
      return intend({ do: 'freeze', name: service.name, why: `${words}: on_duplicate=freeze` })
    if (!loses(world, view, own, { node, place })) return note(`${words}: the other one goes`)
    if (instance.monitor === 'stop failed')
      return note(`${words}: stop failed here: ${instance.failure ?? ''}`)
    const why = `${words}: on_duplicate=${service.onDuplicate}`
    // Clients are cut off before anything that they may still write to is on its way down.
    return intend(act(service.name, 'stop', why, { grave: true, forced: true }))
  }
  return nothing
}

/**
 * Under quorum, a node that boots has not said yet whether it has a lease for what it holds, or stops it. After a crash of the machine that is what
 * it cannot see yet, because its container engine begins later: nothing that others run with a lease goes for that.
 */
const onlyFound = (world: World, node: string): boolean =>
  world.cluster.quorum && hasLease(world) && world.documents[node]?.state === 'booting'

function loses(world: World, view: ServiceView, own: Held, other: { node: string; place: Held }): boolean {
  const order = ranked(world, view.service)
  const worse = order.indexOf(world.self) > order.indexOf(other.node)
  switch (view.service.onDuplicate) {
    case 'stop oldest':
      return own.generation === other.place.generation ? worse : own.generation < other.place.generation
    case 'stop newest':
      return own.generation === other.place.generation ? worse : own.generation > other.place.generation
    case 'placement':
      return worse
    case 'freeze':
      return false
  }
}
