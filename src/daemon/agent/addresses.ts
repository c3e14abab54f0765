import type { AddressCheck } from '../../core/world.js'
import type { Resource, Service } from '../../core/service.js'
import type { AnyDriver, Step } from '../../resources/driver.js'
import { Look } from '../../resources/look.js'
import { runSteps } from './action/run-steps.js'
import { contextOf, type Node } from './action/view.js'

/** All addresses are asked within this time. */
const limitMs = 5000
/** What a node would ask is worked out ahead, and holds for so long. */
const preparedMs = 10_000
/**
 * Milliseconds in which somebody else would answer for an address that its holder has just given up by its own word, where the
 * configuration names no time. A neighbour answers within a few.
 */
const handoverWaitMs = 60

export interface AddressAnswer {
  readonly result: Exclude<AddressCheck['result'], 'asked'>
  readonly detail: string
}

/** Does anybody answer for a service's addresses? Asked with each address driver's own probe, from this node's interfaces. */
export class AddressQuestions {
  private readonly prepared = new Map<string, { readonly asks: Promise<readonly Ask[]>; untilMs: number }>()

  constructor(private readonly node: Node) {}

  /** A start is prepared: what will be asked when the holder gives its addresses up need not be worked out then. */
  prepare(service: Service): void {
    const untilMs = this.node.io.clock.nowMs() + preparedMs
    this.prepared.set(service.name, { asks: this.asksOf(service, handoverWaitMs), untilMs })
  }

  isPrepared(service: string): boolean {
    return this.node.io.clock.nowMs() < (this.prepared.get(service)?.untilMs ?? 0)
  }

  async ask(service: Service, handover: boolean): Promise<AddressAnswer> {
    const ready = this.prepared.get(service.name)
    const usable = handover && ready !== undefined && this.isPrepared(service.name)
    this.prepared.delete(service.name)
    const asks = await (usable ? ready.asks : this.asksOf(service, handover ? handoverWaitMs : null))
    if (asks.length === 0)
      return { result: 'unchecked', detail: 'the service has no address that could be asked' }
    const answers = await Promise.all(asks.map((ask) => this.askOne(ask)))
    const answered = answers.find((words) => words !== null && words !== 'unchecked')
    if (answered !== undefined && answered !== null) return { result: 'answered', detail: answered }
    if (answers.every((words) => words === 'unchecked')) {
      return { result: 'unchecked', detail: 'none of its addresses could be asked from this node' }
    }
    return { result: 'silent', detail: 'nobody answers for its addresses' }
  }

  /** `waitMs`: where the configuration names none; null for the driver's own. */
  private async asksOf(service: Service, waitMs: number | null): Promise<readonly Ask[]> {
    const addresses = service.resources.filter((r) => r.group === 'ip' && !r.disable)
    return Promise.all(
      addresses.map(async (resource): Promise<Ask> => {
        const driver = this.node.registry.find(resource)
        if (driver?.early === undefined) return { driver, step: null }
        const ctx = contextOf(this.node, service, waiting(resource, waitMs), null)
        const seen = await driver.look(ctx, new Look(this.node.io))
        return { driver, step: seen.ok ? driver.early(ctx, seen.value) : null }
      }),
    )
  }

  /** Null: silence. Else who answers, or `unchecked`. */
  private async askOne({ driver, step }: Ask): Promise<string | null> {
    const { io } = this.node
    if (driver === null || step === null) return 'unchecked'
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
}

interface Ask {
  readonly driver: AnyDriver | null
  readonly step: Step | null
}

function waiting(resource: Resource, waitMs: number | null): Resource {
  if (waitMs === null || (resource.keywords['arp_wait'] ?? null) !== null) return resource
  return { ...resource, keywords: { ...resource.keywords, arp_wait: waitMs } }
}
