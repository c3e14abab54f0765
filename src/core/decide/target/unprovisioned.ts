import type { TargetEnd, TargetValue } from '../../register.js'
import { instanceOn, isFailed, ownInstance } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { pursue } from '../claim.js'
import { stopHere } from '../stopping.js'
import { act, intend, note, nothing, type Verdict } from '../verdict.js'

/** `unprovisioned`: down and unmade, the leader last, since it unmakes what is shared. */
export function unprovisionedSteps(
  world: World,
  view: ServiceView,
  target: TargetValue,
  leader: string,
): Verdict {
  const { name, nodes } = view.service
  const instance = ownInstance(world, name)
  if (instance === null) return nothing
  if (isFailed(instance.monitor)) return note(`${instance.monitor}: ${instance.failure ?? ''}`)
  if (world.self !== leader) {
    if (instance.place.kind !== 'none') {
      return stopHere(
        world,
        view,
        act(name, 'stop', 'stop to satisfy the unprovisioned target', { target: target.id }),
      )
    }
    if (!instance.provisioned) return nothing
    return intend(
      act(name, 'unprovision', 'unprovision what is not shared', { target: target.id, leader: false }),
    )
  }
  const late = nodes.find((node) => node !== leader && instanceOn(world, node, name)?.provisioned === true)
  if (late !== undefined) return note(`waiting for ${late} to unprovision first`)
  if (!instance.provisioned && instance.place.kind === 'none') return nothing
  return pursue(world, view, act(name, 'unprovision', 'unprovision as leader', { target: target.id }), true)
}

/** How `unprovisioned` or `purged` ends; null while it may still be met. */
export function unprovisionedEnd(world: World, view: ServiceView, target: TargetValue): TargetEnd | null {
  const { name, nodes } = view.service
  for (const node of nodes) {
    const instance = instanceOn(world, node, name)
    if (instance === null) continue
    if (isFailed(instance.monitor) && instance.sawTarget === target.id)
      return { how: 'failed', why: `${instance.monitor} on ${node}: ${instance.failure ?? ''}` }
    if (instance.provisioned || instance.place.kind !== 'none') return null
  }
  return { how: 'met', why: 'unprovisioned everywhere' }
}
