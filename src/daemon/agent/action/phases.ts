import type { PlannedAction } from '../../../core/plan.js'
import type { Resource, ResourceAction } from '../../../core/service.js'
import type { AnyDriver, Context, Step } from '../../../resources/driver.js'

/** What is done to a resource. An action is one of these, or two: provisioning is `provision`, then `start`. */
export type Phase = 'prepare' | ResourceAction

/**
 * The phases of an action. The leader of a provisioning starts each resource, since the next one is made upon it; another node
 * starts only disks of its own that are made at all, for the same reason, and stops them again in the end.
 */
export function phasesOf(
  action: PlannedAction,
  resource: Resource,
  driver: AnyDriver,
  leader: boolean,
): readonly Phase[] {
  switch (action) {
    case 'prepare':
      return startsEarly(resource) ? ['start'] : ['prepare']
    case 'provision':
      return leader || isOwnDisk(resource, driver) ? ['provision', 'start'] : ['provision']
    case 'unprovision':
      return ['stop', 'unprovision']
    case 'start':
    case 'stop':
      return [action]
  }
}

const isOwnDisk = (resource: Resource, driver: AnyDriver): boolean =>
  resource.group === 'disk' && !resource.shared && driver.provision !== undefined

/** A container that only holds a namespace, and what is kept up on every node. A directory below a mount point has to wait for the mount. */
const startsEarly = (resource: Resource): boolean =>
  resource.standby || (resource.group === 'container' && !resource.exclusive)

/** Why a phase leaves a resource alone; empty where there is nothing to say about it; null where it does not. */
export function passedOver(
  resource: Resource,
  driver: AnyDriver,
  phase: Phase,
  force: boolean,
): string | null {
  switch (phase) {
    case 'stop':
      return resource.standby && !force ? 'a standby resource stays up: only --force stops it' : null
    case 'provision':
      return resource.provision && driver.provision !== undefined ? null : ''
    case 'unprovision':
      return resource.unprovision && driver.unprovision !== undefined ? null : ''
    case 'prepare':
      return driver.prepare === undefined ? '' : null
    case 'start':
      return null
  }
}

/** The driver's steps for a phase, from what was seen. `leader`: does this node make what all share? */
export function phaseSteps(
  driver: AnyDriver,
  ctx: Context,
  phase: Phase,
  seen: unknown,
  leader: boolean,
): readonly Step[] {
  const makes = leader || !ctx.resource.shared
  switch (phase) {
    case 'start':
      return driver.start(ctx, seen)
    case 'stop':
      return driver.stop(ctx, seen)
    case 'prepare':
      return driver.prepare?.(ctx, seen) ?? []
    case 'provision':
      return driver.provision?.(ctx, seen, makes) ?? []
    case 'unprovision':
      return driver.unprovision?.(ctx, seen, makes) ?? []
  }
}

/**
 * The steps of a stop that are taken in the resource's turn, and those that can wait until everything exclusive is released. A command that the
 * operator wants to have behind the stop comes behind all of it.
 */
export function byRelease(
  resource: Resource,
  steps: readonly Step[],
): { readonly now: readonly Step[]; readonly later: readonly Step[] } {
  const waits = (step: Step): boolean => step.kind === 'command' && step.afterRelease === true
  const followed = resource.triggers.some(({ when, action }) => when === 'post' && action === 'stop')
  if (followed) return { now: steps, later: [] }
  return { now: steps.filter((step) => !waits(step)), later: steps.filter(waits) }
}
