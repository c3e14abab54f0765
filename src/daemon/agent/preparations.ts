import type { Service } from '../../core/service.js'
import { foresee, foreseeable, type Foresight } from './action/foresight.js'
import type { Node } from './action/view.js'

interface Prepared {
  /** Of the configuration by which it was prepared. */
  readonly version: string
  readonly seen: Foresight
}

/** What nodes saw when they had prepared a start, so that the start itself need not look again: it has users waiting. */
export class Preparations {
  private readonly prepared = new Map<string, Prepared>()

  constructor(private readonly node: Node) {}

  /** The start of a service is prepared. */
  done(service: Service): void {
    const resources = service.resources.filter(foreseeable('start')).filter((r) => !r.disable)
    const seen = foresee(this.node, service, resources, null)
    this.prepared.set(service.name, { version: service.version, seen })
  }

  /** What is still fresh of it; nothing where the service has another configuration by now. */
  of({ name, version }: Service): Foresight {
    const prepared = this.prepared.get(name)
    if (prepared?.version !== version) return new Map()
    const nowMs = this.node.io.clock.nowMs()
    return new Map([...prepared.seen].filter(([, { untilMs }]) => nowMs < untilMs))
  }

  /** Something began that changes what was seen. */
  spent(service: string): void {
    this.prepared.delete(service)
  }
}
