import { plan } from '../plan.js'
import { isMember, ownInstance, targetOf, viewOf } from '../view.js'
import { targetName } from '../register.js'
import { fail, ok, type Result } from '../result.js'
import type { Order, World } from '../world.js'

/** Checks the sense of a local action on this node's instance; the order is carried out by the loop. */
export function askLocal(world: World, service: string, order: Order): Result<Order> {
  if (world.services[service] === undefined) {
    return fail('UNKNOWN', `there is no service ${service}: svcmon shows those that there are`)
  }
  const view = viewOf(world, service)
  if (!isMember(world, view.service)) {
    return fail(
      'INVALID',
      `${world.self} is not a member of ${service}: its nodes are ${view.service.nodes.join(', ')}`,
    )
  }
  // A selection of nothing would end as a failed action, and keep the orchestrator away.
  for (const action of order.action === 'restart' ? (['stop', 'start'] as const) : [order.action]) {
    const planned = plan(view.service, action, order.selection)
    if (!planned.ok) return planned
  }
  if (ownInstance(world, service) === null) {
    return fail(
      'CONFLICT',
      `the first look at the resources of ${service} is under way: try again in a moment`,
    )
  }
  const target = targetOf(world, service)
  if (target !== null) {
    return fail(
      'CONFLICT',
      `service ${service} is on its way to ${targetName(target.target)}: wait for it, or end it with: om ${service} abort`,
    )
  }
  const running = world.actions[service]
  if (running !== undefined || world.orders[service] !== undefined) {
    return fail(
      'CONFLICT',
      `a ${running?.action ?? 'local action'} of ${service} is under way on ${world.self}: wait for it to end`,
    )
  }
  return ok(order)
}
