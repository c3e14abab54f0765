import { ownInstance } from '../view.js'
import type { Order, ServiceView, World } from '../world.js'
import { pursue } from './claim.js'
import { act, intend, type Verdict } from './verdict.js'

/** An operator's local action. What cannot begin is dropped with its reason, never left lurking. */
export function orderSteps(world: World, view: ServiceView, order: Order): Verdict {
  const { name } = view.service
  const wanted = act(name, order.action, `${order.action} --local`, {
    order: order.id,
    selection: order.selection,
    origin: 'user',
  })
  if (order.action === 'stop') return intend(wanted)
  const verdict = pursue(world, view, wanted, false)
  const waiting =
    verdict.intents.length > 0 ||
    verdict.wakesMs.length > 0 ||
    ownInstance(world, name)?.place.kind === 'claimed'
  if (waiting) return verdict
  return intend({ do: 'drop order', service: name, id: order.id, why: verdict.note ?? 'not possible now' })
}
