import type { AddressCheck } from '../../core/world.js'
import type { Service } from '../../core/service.js'
import { Look } from '../../resources/look.js'
import type { Resource } from '../../core/service.js'
import { runSteps } from './action/run-steps.js'
import { contextOf, type Node } from './action/view.js'

/** All addresses are asked within this time. */
const limitMs = 5000

export interface AddressAnswer {
  readonly result: Exclude<AddressCheck['result'], 'asked'>
  readonly detail: string
}

/** Does anybody answer for the service's addresses? Asked with each address driver's own probe, from this node's interfaces. */
export async function askAddresses(service: Service, node: Node): Promise<AddressAnswer> {
  const addresses = service.resources.filter((r) => r.group === 'ip' && !r.disable)
  if (addresses.length === 0)
    return { result: 'unchecked', detail: 'the service has no address that could be asked' }
  const answers = await Promise.all(addresses.map((resource) => askOne(service, resource, node)))
  const answered = answers.find((words) => words !== null && words !== 'unchecked')
  if (answered !== undefined && answered !== null) return { result: 'answered', detail: answered }
  if (answers.every((words) => words === 'unchecked')) {
    return { result: 'unchecked', detail: 'none of its addresses could be asked from this node' }
  }
  return { result: 'silent', detail: 'nobody answers for its addresses' }
}

/** Null: silence. Else who answers, or `unchecked`. */
async function askOne(service: Service, resource: Resource, node: Node): Promise<string | null> {
  const driver = node.registry.find(resource)
  if (driver?.early === undefined) return 'unchecked'
  const ctx = contextOf(node, service, resource, null)
  const seen = await driver.look(ctx, new Look(node.io))
  if (!seen.ok) return 'unchecked'
  const step = driver.early(ctx, seen.value)
  if (step === null) return 'unchecked'
  const asked = await runSteps([step], {
    io: node.io,
    exec: node.io.exec,
    clock: node.io.clock,
    signal: new AbortController().signal,
    deadlineMs: node.io.clock.nowMs() + limitMs,
    limitMs,
    mayContinue: () => null,
    env: {},
    tools: driver.tools,
    log: () => undefined,
  })
  if (asked.ok) return null
  // What an operator could do about it concerns a start, and this is the question whether there may be one.
  return asked.error.code === 'CONFLICT' ? (asked.error.message.split('; ')[0] ?? '') : 'unchecked'
}
