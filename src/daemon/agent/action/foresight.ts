import type { PlannedAction } from '../../../core/plan.js'
import type { Resource, Service } from '../../../core/service.js'
import { Look } from '../../../resources/look.js'
import { contextOf, Limits, view, type Node, type View } from './view.js'

/** What was seen that many milliseconds before a resource's turn is looked at again. */
const freshMs = 3000

/** Looks that were begun before their resource's turn, by rid. */
export type Foresight = ReadonlyMap<string, Foreseen>

export interface Foreseen {
  readonly view: Promise<View>
  /** Monotonic milliseconds from which on it counts for nothing. */
  readonly untilMs: number
}

/** Looks at resources, all at once, whose state what comes before them does not change. Its looks never reject. */
export function foresee(
  node: Node,
  service: Service,
  resources: readonly Resource[],
  generation: number | null,
): Foresight {
  const look = new Look(node.io)
  const untilMs = node.io.clock.nowMs() + freshMs
  const seen = resources.flatMap((resource): readonly [string, Foreseen][] => {
    const driver = node.registry.find(resource)
    if (driver === null) return []
    const limits = new Limits(node.io.clock)
    const looking = view(driver, contextOf(node, service, resource, generation), look, limits)
    return [[resource.rid, { view: looking.finally(() => limits.end()), untilMs }]]
  })
  return new Map(seen)
}

/**
 * Nothing that a stop does on its way changes what the resources below show. A start makes what comes next possible: only containers that are
 * not there yet, and their addresses, look the same before and behind a mount.
 */
export function foreseeable(action: PlannedAction): (resource: Resource) => boolean {
  switch (action) {
    case 'stop':
      return () => true
    case 'start':
      return ({ group }) => group === 'ip' || group === 'container'
    case 'prepare':
    case 'provision':
    case 'unprovision':
      return () => false
  }
}
