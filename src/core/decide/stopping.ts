import type { ActIntent } from '../intent.js'
import { ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { withdraw } from './claim.js'
import { livingChild } from './dependencies.js'
import { waitFor } from './starting.js'
import { intend, note, nothing, type Verdict } from './verdict.js'

/** Stops what this node holds, children first. Nothing to do where nothing is held. */
export function stopHere(world: World, view: ServiceView, wanted: ActIntent): Verdict {
  const instance = ownInstance(world, view.service.name)
  if (instance === null) return nothing
  if (instance.place.kind === 'claimed') return intend(withdraw(world, view.service.name, wanted.why))
  if (instance.place.kind === 'none' && !hasPrepared(world, view)) return nothing
  if (instance.monitor === 'stop failed')
    return note(`stop failed on ${world.self}: ${instance.failure ?? ''}`)
  const child = livingChild(world, view.service)
  if (child !== null) return waitFor(world, view, 'wait children', child)
  return intend(wanted)
}

/** A namespace holder that was prepared for a start that does not come is taken down again. */
function hasPrepared(world: World, view: ServiceView): boolean {
  const instance = ownInstance(world, view.service.name)
  if (instance === null) return false
  return view.service.resources.some(
    (r) =>
      r.group === 'container' && !r.exclusive && !r.standby && instance.resources[r.rid]?.status === 'up',
  )
}
