import { candidates } from '../placement.js'
import type { Service } from '../service.js'
import { isAtRest, isFrozen, localOf, ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { isDown } from './restart.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'

/** A monitored resource is down and its restarts are used up: the service's `monitor_action`. */
export function monitorAction(world: World, view: ServiceView): Verdict {
  const { service } = view
  const instance = ownInstance(world, service.name)
  if (instance === null || !instance.started || instance.place.kind !== 'held' || !isAtRest(instance.monitor))
    return nothing
  const counts = localOf(world, service.name).restarts
  const lost = service.resources.find(
    (r) =>
      r.monitor &&
      isDown(instance, r) &&
      !localOf(world, service.name).userStopped.includes(r.rid) &&
      (counts[r.rid]?.count ?? 0) >= r.restart,
  )
  if (lost === undefined) return nothing
  const what = `monitored resource ${lost.rid} is down and has no restart left`
  if (service.monitorAction === 'none') return note(`${what}; monitor_action is none`)
  if (isFrozen(world, service.name, world.self)) return note(`${what}; the instance is frozen`)
  const missing = missingFor(service)
  if (missing !== null)
    return note(`${what}; monitor_action=${service.monitorAction} is not done, since it needs ${missing}`)
  const other = candidates(world, service).find((node) => node !== world.self)
  if (other === undefined)
    return note(
      `${what}; no other node can take over, so monitor_action=${service.monitorAction} is not done`,
    )
  const why = `${what}: monitor_action=${service.monitorAction}`
  switch (service.monitorAction) {
    case 'switch':
      return intend(act(service.name, 'stop', why, { monitorAction: true, giveUp: what }))
    case 'freezestop':
      return intend(
        { do: 'freeze', name: `${service.name}@${world.self}`, why },
        act(service.name, 'stop', why, { monitorAction: true }),
      )
    case 'reboot':
    case 'crash':
      return intend({ do: 'reboot', service: service.name, how: service.monitorAction, why })
  }
}

/** Without another node that starts the service by itself, a monitor action would only take it away. */
function missingFor({ orchestrate, placement }: Service): string | null {
  if (orchestrate !== 'ha') return `orchestrate=ha and this is ${orchestrate}`
  return placement === 'none' ? 'a placement and this is none' : null
}
