import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { candidates, ranked, unfit } from '../../placement.js'
import { holders, instanceOn, isFailed, isUp } from '../../view.js'
import type { Status } from '../../status.js'
import type { ServiceView, World } from '../../world.js'
import { startHere } from '../starting.js'
import { withoutEffect } from './effect.js'
import { act, note, nothing, type Verdict } from '../verdict.js'

/** `started`: up somewhere. The holder completes its own instance; else the best candidate starts. */
export function startedSteps(world: World, view: ServiceView, target: TargetValue): Verdict {
  const { name, topology } = view.service
  const node = startingNode(world, view)
  if (node === null) return note(whyNowhere(world, view))
  if (node !== world.self) return nothing
  const instance = instanceOn(world, node, name)
  if (isUp(instance)) return nothing
  if (instance !== null && isFailed(instance.monitor))
    return note(`${instance.monitor}: ${instance.failure ?? ''}`)
  const ineffective = withoutEffect({ instance, target, node, service: name })
  if (ineffective !== null) return note(ineffective)
  const why = `start ${topology} ${instance?.avail ?? 'undef'} instance to satisfy the started target`
  return startHere(world, view, act(name, 'start', why, { target: target.id }), false)
}

/** Where it is started: where it is held, else on the best candidate. */
function startingNode(world: World, view: ServiceView): string | null {
  const holder = holders(world, view.service.name).find((node) => hears(world, node))
  return holder ?? candidates(world, view.service)[0] ?? null
}

/** How `started` ends; null while it may still be met. */
export function startedEnd(world: World, view: ServiceView, target: TargetValue): TargetEnd | null {
  const { name, nodes } = view.service
  const up = nodes.find((node) => hears(world, node) && isUp(instanceOn(world, node, name)))
  if (up !== undefined) return { how: 'met', why: `up on ${up}` }
  const everybodySaw = nodes.every(
    (node) => !hears(world, node) || instanceOn(world, node, name)?.sawTarget === target.id,
  )
  if (!everybodySaw) return null
  // Setting the target cleared what had failed before: one failed start ends it, and elsewhere is for `ha` or the operator.
  const failed = nodes.find((node) => hears(world, node) && failedOn(world, node, name))
  if (failed !== undefined) return { how: 'failed', why: failedStart(world, view, failed) }
  const node = startingNode(world, view)
  if (node === null) return { how: 'failed', why: whyNowhere(world, view) }
  const why = withoutEffect({ instance: instanceOn(world, node, name), target, node, service: name })
  return why === null ? null : { how: 'failed', why }
}

const failedOn = (world: World, node: string, service: string): boolean => {
  const instance = instanceOn(world, node, service)
  return instance !== null && isFailed(instance.monitor)
}

/** What failed on a node, and what comes next: another node by itself, or the operator's command. */
export function failedStart(world: World, view: ServiceView, node: string): string {
  const { name, orchestrate, placement } = view.service
  const instance = instanceOn(world, node, name)
  const what = `${instance?.monitor ?? 'start failed'} on ${node}: ${instance?.failure ?? ''}`
  const active = view.service.resources.filter(
    (r) => r.exclusive && isLeft(instance?.resources[r.rid]?.status),
  )
  if (instance?.place.kind === 'held' && active.length > 0) {
    const rids = active.map((r) => r.rid).join(', ')
    const left = view.service.rollback
      ? `${rids} could not be undone there`
      : `rollback=false leaves ${rids} up there`
    return `${what}; ${left}, so nothing is started elsewhere: mend that, then run: om ${name} start`
  }
  const other = candidates(world, view.service).find((one) => one !== node)
  if (orchestrate === 'ha' && placement !== 'none' && other !== undefined)
    return `${what}; orchestrate=ha starts it on ${other}`
  return `${what}; it stays down: mend that, then run: om ${name} start`
}

const isLeft = (status: Status | undefined): boolean =>
  status === 'up' || status === 'warn' || status === 'undef'

/** Why no member can start it, in words. */
export function whyNowhere(world: World, view: ServiceView): string {
  const reasons = ranked(world, view.service).map((node) => {
    const reason = unfit(world, view.service, node)
    if (reason !== null) return reason
    return instanceOn(world, node, view.service.name)?.provisioned === true
      ? `${node} could`
      : `not provisioned on ${node} (run: om ${view.service.name} provision)`
  })
  return `no node can start it: ${[...new Set(reasons)].join('; ')}`
}
