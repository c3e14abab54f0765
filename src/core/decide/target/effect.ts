import type { InstanceDocument } from '../../document.js'
import type { TargetValue } from '../../register.js'
import { isUp } from '../../view.js'

/** The start that a target asked for succeeded, and the instance is not up all the same: in words; null where it is up or was not started yet. */
export function withoutEffect(o: {
  readonly instance: InstanceDocument | null
  readonly target: TargetValue
  readonly node: string
  readonly service: string
}): string | null {
  const { instance, target, node, service } = o
  if (instance === null || instance.doneTarget !== target.id || isUp(instance)) return null
  return `started on ${node}, and yet it is ${instance.avail}: see om ${service} print status`
}
