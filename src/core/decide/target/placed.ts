import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { holders, instanceOn, isFailed, isUp, localOf, ownInstance } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { startHere } from '../starting.js'
import { stopHere } from '../stopping.js'
import { withoutEffect } from './effect.js'
import { act, intend, note, nothing, type Verdict } from '../verdict.js'
import { failedStart } from './started.js'
import { failedStop, stuck } from './stopped.js'

/** `placed@node`: down everywhere else, then up there. */
export function placedSteps(world: World, view: ServiceView, target: TargetValue, node: string): Verdict {
  const { name, topology } = view.service
  const avail = ownInstance(world, name)?.avail ?? 'undef'
  if (world.self !== node) {
    // Nothing is given up for one that has not said so, heard or not: whether it lives is for the steward to say.
    if (instanceOn(world, node, name)?.preparedFor !== target.id) return note(`${node} prepares the start`)
    const why = `stop ${topology} ${avail} instance to satisfy the placed@${node} target`
    return stopHere(world, view, act(name, 'stop', why, { target: target.id }))
  }
  const instance = ownInstance(world, name)
  if (instance === null) return note('the first look at the resources is under way')
  if (isUp(instance)) return nothing
  if (isFailed(instance.monitor)) return note(`${instance.monitor}: ${instance.failure ?? ''}`)
  const ineffective = withoutEffect({ instance, target, node, service: name })
  if (ineffective !== null) return note(ineffective)
  const why = `start ${topology} ${avail} instance to satisfy the placed@${node} target`
  const start = startHere(world, view, act(name, 'start', why, { target: target.id }), true)
  return start.intents.some((i) => i.do === 'act') ? start : beside(world, view, target, start)
}

/**
 * What can be done while the other instance still serves, or while it is coming down, is done meanwhile: the claim goes out first; once
 * the holder has given its addresses up, it is asked whether anybody else has them, beside its work on disks.
 */
function beside(world: World, view: ServiceView, target: TargetValue, start: Verdict): Verdict {
  const { name } = view.service
  const place = ownInstance(world, name)?.place
  if (start.intents.length > 0 || place?.kind !== 'claimed') return start
  if (localOf(world, name).preparedFor === target.id) {
    const ask = localOf(world, name).addressCheck === null && addressesGivenUp(world, view)
    if (!ask) return start
    const why = 'the holder has given the addresses up'
    const { since } = place
    return {
      ...start,
      intents: [{ do: 'check addresses', service: name, claim: since, handover: true, why }],
    }
  }
  const prepare = intend(
    act(name, 'prepare', 'prepare while the other instance still serves', { target: target.id }),
  )
  return { ...prepare, note: start.note, wakesMs: start.wakesMs }
}

/** The holder is stopping, and none of its addresses is up any more. */
function addressesGivenUp(world: World, view: ServiceView): boolean {
  const addresses = view.service.resources.filter((r) => r.group === 'ip' && !r.disable)
  const holding = holders(world, view.service.name).map((node) => instanceOn(world, node, view.service.name))
  if (addresses.length === 0 || holding.length === 0) return false
  return holding.every(
    (instance) =>
      instance?.monitor === 'stopping' &&
      addresses.every((r) => instance.resources[r.rid]?.status === 'down'),
  )
}

/** How `placed@NODE` ends; null while it may still be met. */
export function placedEnd(
  world: World,
  view: ServiceView,
  target: TargetValue,
  node: string,
): TargetEnd | null {
  const { name, nodes } = view.service
  const instance = instanceOn(world, node, name)
  if (!hears(world, node)) return { how: 'failed', why: `${node} is unreachable` }
  if (instance?.sawTarget !== target.id) return null
  const unstopped = nodes.find((n) => {
    const other = instanceOn(world, n, name)
    return other !== null && stuck(other, target)
  })
  if (unstopped !== undefined) return { how: 'failed', why: failedStop(world, name, unstopped) }
  if (isFailed(instance.monitor)) return { how: 'failed', why: failedStart(world, view, node) }
  const why = withoutEffect({ instance, target, node, service: name })
  if (why !== null) return { how: 'failed', why }
  const elsewhere = nodes.filter((n) => {
    const other = instanceOn(world, n, name)
    return n !== node && hears(world, n) && (other?.place.kind === 'held' || other?.monitor === 'stopping')
  })
  return isUp(instance) && elsewhere.length === 0 ? { how: 'met', why: `up on ${node}` } : null
}
