import type { InstanceDocument, MonitorState } from '../document.js'
import { leftOut } from '../left-out.js'
import { hears } from '../membership.js'
import { fail, ok, type Result } from '../result.js'
import type { Resource, Service } from '../service.js'
import { instanceOn, isAtRest, isFailed } from '../view.js'
import type { World } from '../world.js'

/** A configuration and the one that is to follow it, as one node sees them. */
export interface Change {
  readonly before: Service
  readonly next: Service
}

/**
 * May a service's configuration be changed so? Not where it takes out, or sends elsewhere, what a node that is heard has active: that node would have to
 * go on with the former one. A holder that is no member any more stops with the former one anyway.
 */
export function askChange(world: World, name: string, on: (node: string) => Change): Result<void> {
  for (const node of Object.keys(world.documents).toSorted()) {
    const instance = instanceOn(world, node, name)
    if (instance?.place.kind !== 'held' || (node !== world.self && !hears(world, node))) continue
    const { before, next } = on(node)
    if (!next.nodes.includes(node)) continue
    const active = leftOut(before, next).find((resource) => mayBeActive(instance, resource))
    if (active !== undefined) return fail('CONFLICT', words(node, name, { instance, active }))
  }
  return ok(undefined)
}

function mayBeActive({ resources, monitor }: InstanceDocument, { rid }: Resource): boolean {
  const seen = resources[rid]
  if (seen === undefined) return false
  return isBusy(monitor) || (seen.status !== 'down' && seen.status !== 'stdby down')
}

const isBusy = (monitor: MonitorState): boolean => !isAtRest(monitor) && !isFailed(monitor)

function words(
  node: string,
  name: string,
  { instance, active: { rid } }: { readonly instance: InstanceDocument; readonly active: Resource },
): string {
  const { label = 'not seen', status = 'undef' } = instance.resources[rid] ?? {}
  const isSeenUp = status === 'up' || status === 'stdby up'
  const what = `${rid} (${label}) ${isSeenUp ? 'is up' : 'may be active'} on ${node}`
  const stop = `om ${name} stop, or on ${node}: om ${name} stop --rid ${rid}`
  const first = `${what}: stop it first (${stop}), then change it`
  // What cannot be seen, by a wrong path for one, is not seen stopped either.
  return isSeenUp || isBusy(instance.monitor) ? first : `${first}; ${disabling(node, name, rid)}`
}

const disabling = (node: string, name: string, rid: string): string =>
  `where it cannot be seen stopped, as by a wrong path, see that it is not in use on ${node}, ` +
  `disable it (om ${name} disable --rid ${rid}), change it, and enable it again (om ${name} enable --rid ${rid})`
