import type { Service } from '../../core/service.js'
import { foresee, foreseeable, preparedMs, type Foresight } from './action/foresight.js'
import type { Node } from './action/view.js'

/** What nodes saw when they had prepared a start, so that the start itself need not look again: it has users waiting. */
export class Preparations {
  private readonly seen = new Map<string, Foresight>()

  constructor(private readonly node: Node) {}

  /** The start of a service is prepared. */
  done(service: Service): void {
    const resources = service.resources.filter(foreseeable('start')).filter((r) => !r.disable)
    this.seen.set(service.name, foresee(this.node, service, resources, null, { holdsMs: preparedMs }))
  }

  /** What is still fresh of it. */
  of(service: string): Foresight {
    const nowMs = this.node.io.clock.nowMs()
    return new Map([...(this.seen.get(service) ?? [])].filter(([, { untilMs }]) => nowMs < untilMs))
  }

  /** Something began that changes what was seen. */
  spent(service: string): void {
    this.seen.delete(service)
  }
}
