import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { instanceOn, isFailed, isUp, ownInstance, placeOn } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { startHere } from '../starting.js'
import { withoutEffect } from './effect.js'
import { act, intend, note, nothing, type Verdict } from '../verdict.js'

/** `provisioned`: the leader makes what is shared and ends up started; then the others make what is their own. */
export function provisionedSteps(
  world: World,
  view: ServiceView,
  target: TargetValue,
  leader: string,
): Verdict {
  const { name } = view.service
  const instance = ownInstance(world, name)
  if (instance === null) return note('the first look at the resources is under way')
  if (isFailed(instance.monitor)) return note(`${instance.monitor}: ${instance.failure ?? ''}`)
  if (world.self === leader) {
    if (instance.provisioned && isUp(instance)) return nothing
    const ineffective = withoutEffect({ instance, target, node: leader, service: name })
    if (ineffective !== null) return note(ineffective)
    const why = `provision ${view.service.topology} instance as leader`
    return startHere(world, view, act(name, 'provision', why, { target: target.id }), false)
  }
  if (instance.provisioned) return nothing
  const first = instanceOn(world, leader, name)
  if (first?.provisioned !== true || first.sawTarget !== target.id)
    return note(`waiting for ${leader} to provision first`)
  return intend(act(name, 'provision', 'provision what is not shared', { target: target.id, leader: false }))
}

/** How `provisioned` ends; null while it may still be met. */
export function provisionedEnd(
  world: World,
  view: ServiceView,
  target: TargetValue,
  leader: string,
): TargetEnd | null {
  const { name, nodes } = view.service
  if (!hears(world, leader)) return { how: 'failed', why: `${leader} is unreachable` }
  const heard = nodes.filter((node) => hears(world, node))
  if (heard.some((node) => instanceOn(world, node, name)?.sawTarget !== target.id)) return null
  for (const node of heard) {
    const instance = instanceOn(world, node, name)
    if (instance !== null && isFailed(instance.monitor)) {
      const what = `${instance.monitor} on ${node}: ${instance.failure ?? ''}`
      return { how: 'failed', why: `${what}; mend that, then run: om ${name} provision` }
    }
  }
  const taken = takenElsewhere(world, view, leader)
  if (taken !== null) return { how: 'failed', why: taken }
  const why = withoutEffect({
    instance: instanceOn(world, leader, name),
    target,
    node: leader,
    service: name,
  })
  if (why !== null) return { how: 'failed', why }
  const done = heard.every((node) => instanceOn(world, node, name)?.provisioned === true)
  return done && isUp(instanceOn(world, leader, name))
    ? { how: 'met', why: `provisioned, up on ${leader}` }
    : null
}

/** Something of it is active on another node already: nobody would give that up, so waiting for it is of no use. */
function takenElsewhere(world: World, view: ServiceView, leader: string): string | null {
  const { name, nodes } = view.service
  if (placeOn(world, leader, name)?.kind === 'held') return null
  const node = nodes.find(
    (one) => one !== leader && hears(world, one) && placeOn(world, one, name)?.kind === 'held',
  )
  const instance = node === undefined ? null : instanceOn(world, node, name)
  if (instance === null || instance.monitor !== 'idle') return null
  const up = Object.entries(instance.resources).filter(
    ([rid, { status }]) => status !== 'down' && !rid.startsWith('sync'),
  )
  const what = up.map(([rid, { status, label }]) => `${rid} (${label}) is ${status}`).join(', ')
  return `on ${node} something of it is active already: ${what || 'it is not released'}; stop that there, then run: om ${name} provision`
}
