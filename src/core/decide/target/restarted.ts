import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { instanceOn, isFailed } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { pursue } from '../claim.js'
import { withoutEffect } from './effect.js'
import { act, nothing, type Verdict } from '../verdict.js'

/** `restarted`: stopped and started again where it was up. */
export function restartedSteps(world: World, view: ServiceView, target: TargetValue, node: string): Verdict {
  if (world.self !== node) return nothing
  const instance = instanceOn(world, node, view.service.name)
  if (instance === null || instance.doneTarget === target.id || isFailed(instance.monitor)) return nothing
  const why = `restart ${view.service.topology} ${instance.avail} instance to satisfy the restarted target`
  return pursue(world, view, act(view.service.name, 'restart', why, { target: target.id }), false)
}

/** How `restarted` ends; null while it may still be met. */
export function restartedEnd(
  world: World,
  view: ServiceView,
  target: TargetValue,
  node: string,
): TargetEnd | null {
  const instance = instanceOn(world, node, view.service.name)
  if (!hears(world, node)) return { how: 'failed', why: `${node} is unreachable` }
  if (instance?.sawTarget !== target.id) return null
  if (isFailed(instance.monitor))
    return { how: 'failed', why: `${instance.monitor} on ${node}: ${instance.failure ?? ''}` }
  if (instance.doneTarget !== target.id) return null
  const why = withoutEffect({ instance, target, node, service: view.service.name })
  return why === null ? { how: 'met', why: `restarted on ${node}` } : { how: 'failed', why }
}
