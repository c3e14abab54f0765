import type { InstanceDocument } from '../../document.js'
import type { TargetEnd, TargetValue } from '../../register.js'
import { hears } from '../../membership.js'
import { instanceOn, membersOf, ownInstance } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { hasPrepared, stopHere } from '../stopping.js'
import { act, type Verdict } from '../verdict.js'

/** `stopped`: released everywhere. The freeze that keeps it so was set with the target. */
export function stoppedSteps(world: World, view: ServiceView, target: TargetValue): Verdict {
  const { name, topology } = view.service
  const avail = ownInstance(world, name)?.avail ?? 'undef'
  const why = `stop ${topology} ${avail} instance to satisfy the stopped target`
  return stopHere(world, view, act(name, 'stop', why, { target: target.id }))
}

/** How `stopped` ends; null while it may still be met. */
export function stoppedEnd(world: World, view: ServiceView, target: TargetValue): TargetEnd | null {
  const { name } = view.service
  const open: string[] = []
  for (const node of membersOf(view)) {
    const instance = instanceOn(world, node, name)
    // A failure that is older than the target was cleared with it, and its author has yet to say so.
    if (instance !== null && stuck(instance, target))
      return { how: 'failed', why: failedStop(world, name, node) }
    const held = instance !== null && instance.place.kind === 'held'
    const unsure =
      hears(world, node) &&
      instance !== null &&
      (instance.sawTarget !== target.id ||
        instance.place.kind !== 'none' ||
        instance.monitor === 'stopping' ||
        hasPrepared(view, instance))
    if (held || unsure) open.push(node)
  }
  return open.length === 0 ? { how: 'met', why: 'down everywhere' } : null
}

/** Did it fail to give the place up? What could not be removed behind that holds nothing: the log and the monitor state tell of it. */
export const stuck = ({ monitor, sawTarget, place }: InstanceDocument, target: TargetValue): boolean =>
  monitor === 'stop failed' && sawTarget === target.id && place.kind !== 'none'

/** What failed on a node, and what comes next. */
export function failedStop(world: World, service: string, node: string): string {
  const failure = instanceOn(world, node, service)?.failure ?? ''
  return `stop failed on ${node}: ${failure}; it is started nowhere else while it may be up there: mend that, then try again`
}
