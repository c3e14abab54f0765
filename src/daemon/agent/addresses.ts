import type { AddressCheck } from '../../core/world.js'
import type { Resource, Service } from '../../core/service.js'
import type { AnyDriver, Context } from '../../resources/driver.js'
import { Look } from '../../resources/look.js'
import type { Foresight } from './action/foresight.js'
import { runSteps } from './action/run-steps.js'
import { contextOf, Limits, view, type Node, type View } from './action/view.js'

/** The question itself is over within this time. */
const limitMs = 5000
/**
 * Milliseconds in which somebody else would answer for an address that its holder has just given up by its own word, where the
 * configuration names no time. A neighbour answers within a few.
 */
const handoverWaitMs = 40

export interface AddressAnswer {
  readonly result: Exclude<AddressCheck['result'], 'asked'>
  readonly detail: string
}

/**
 * Does anybody answer for a service's addresses? Asked with each address driver's own probe, from this node's interfaces. `handover`: the holder has given it
 * up by its own word, so that only somebody else could answer, and what the preparation saw need not be seen again. Null where the silence is to prove
 * something: an interface that has lost its carrier since would be silent, too.
 */
export async function askAddresses(
  service: Service,
  node: Node,
  handover: Foresight | null,
): Promise<AddressAnswer> {
  const addresses = service.resources.filter((r) => r.group === 'ip' && !r.disable)
  if (addresses.length === 0)
    return { result: 'unchecked', detail: 'the service has no address that could be asked' }
  const waitMs = handover === null ? null : handoverWaitMs
  const answers = await Promise.all(
    addresses.map((resource) => askOne(service, waiting(resource, waitMs), node, handover)),
  )
  const answered = answers.find((words) => words !== null && words !== 'unchecked')
  if (answered !== undefined && answered !== null) return { result: 'answered', detail: answered }
  if (answers.every((words) => words === 'unchecked')) {
    return { result: 'unchecked', detail: 'none of its addresses could be asked from this node' }
  }
  return { result: 'silent', detail: 'nobody answers for its addresses' }
}

/** Null: silence. Else who answers, or `unchecked`. */
async function askOne(
  service: Service,
  resource: Resource,
  node: Node,
  handover: Foresight | null,
): Promise<string | null> {
  const driver = node.registry.find(resource)
  if (driver?.early === undefined) return 'unchecked'
  const ctx = contextOf(node, service, resource, null)
  const ahead = handover?.get(resource.rid)
  const isFresh = ahead?.isFresh(node.io.clock.nowMs()) === true
  const seen = (isFresh ? (await ahead.view).seen : undefined) ?? (await lookNow(driver, ctx))
  if (!seen.ok) return 'unchecked'
  const step = driver.early(ctx, seen.value)
  if (step === null) return 'unchecked'
  const { io } = node
  const asked = await runSteps([step], {
    io,
    exec: io.exec,
    clock: io.clock,
    signal: new AbortController().signal,
    deadlineMs: io.clock.nowMs() + limitMs,
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

async function lookNow(driver: AnyDriver, ctx: Context): Promise<View['seen']> {
  const limits = new Limits(ctx.io.clock)
  const { seen } = await view(driver, ctx, new Look(ctx.io), limits)
  limits.end()
  return seen
}

/** `waitMs`: where the configuration names none; null for the driver's own. */
function waiting(resource: Resource, waitMs: number | null): Resource {
  if (waitMs === null || (resource.keywords['arp_wait'] ?? null) !== null) return resource
  return { ...resource, keywords: { ...resource.keywords, arp_wait: waitMs } }
}
