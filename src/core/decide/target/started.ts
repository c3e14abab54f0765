import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { candidates, ranked, unfit } from '../../placement.js'
import { holders, instanceOn, isFailed, isUp } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { startHere } from '../starting.js'
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
  const why = `start ${topology} ${instance?.avail ?? 'undef'} instance to satisfy the started target`
  return startHere(world, view, act(name, 'start', why, { target: target.id }), false)
}

/** Where it is started: where it is held, else on the best candidate. */
export function startingNode(world: World, view: ServiceView): string | null {
  const holder = holders(world, view.service.name).find((node) => hears(world, node))
  return holder ?? candidates(world, view.service)[0] ?? null
}

export function startedEnd(world: World, view: ServiceView, target: TargetValue): TargetEnd | null {
  const { name, nodes } = view.service
  const up = nodes.find((node) => hears(world, node) && isUp(instanceOn(world, node, name)))
  if (up !== undefined) return { how: 'met', why: `up on ${up}` }
  const everybodySaw = nodes.every(
    (node) => !hears(world, node) || instanceOn(world, node, name)?.sawTarget === target.id,
  )
  if (!everybodySaw) return null
  const node = startingNode(world, view)
  if (node === null) return { how: 'failed', why: whyNowhere(world, view) }
  const instance = instanceOn(world, node, name)
  if (instance !== null && isFailed(instance.monitor)) {
    return { how: 'failed', why: `${instance.monitor} on ${node}: ${instance.failure ?? ''}` }
  }
  return null
}

/** Why no member can start it, in words. */
export function whyNowhere(world: World, view: ServiceView): string {
  const reasons = ranked(world, view.service).map((node) => {
    const reason = unfit(world, view.service, node)
    if (reason !== null) return reason
    return instanceOn(world, node, view.service.name)?.provisioned === true
      ? `${node} could`
      : `not provisioned on ${node} (run: om ${view.service.name} provision)`
  })
  return `no node can start it: ${reasons.join('; ')}`
}
