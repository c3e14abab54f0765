import type { InstanceDocument } from '../document.js'
import type { ActIntent } from '../intent.js'
import { isAtRest, isFrozen, localOf, ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { withdraw } from './claim.js'
import { livingChild } from './dependencies.js'
import { waitFor } from './starting.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'

/** Stops what this node holds, children first. Nothing to do where nothing is held. */
export function stopHere(world: World, view: ServiceView, wanted: ActIntent): Verdict {
  const instance = ownInstance(world, view.service.name)
  if (instance === null) return nothing
  if (instance.place.kind === 'claimed') return intend(withdraw(world, view.service.name, wanted.why))
  if (instance.place.kind === 'none' && !hasPrepared(view, instance)) return nothing
  if (instance.monitor === 'stop failed')
    return note(`stop failed on ${world.self}: ${instance.failure ?? ''}`)
  const child = livingChild(world, view.service)
  if (child !== null) return waitFor(world, view, 'wait children', child)
  return intend(wanted)
}

/**
 * What was prepared for a start that did not come, or left by a stop that was cut off, is taken down: no container is left where the service
 * does not run.
 */
export function leftover(world: World, view: ServiceView): Verdict {
  const { name } = view.service
  const instance = ownInstance(world, name)
  if (instance === null || !isAtRest(instance.monitor) || instance.place.kind !== 'none') return nothing
  if (localOf(world, name).preparedFor === null || isFrozen(world, name, world.self)) return nothing
  if (!hasPrepared(view, instance)) return nothing
  return intend(act(name, 'stop', 'take down what only holds a namespace, where the service does not run'))
}

/** Is a namespace up that was made ahead of a start? */
export function hasPrepared(view: ServiceView, instance: InstanceDocument): boolean {
  return view.service.resources.some(
    (r) =>
      r.group === 'container' && !r.exclusive && !r.standby && instance.resources[r.rid]?.status === 'up',
  )
}
