import type { Service } from '../../core/service.js'
import { foresee, foreseeable, type Foresight } from './action/foresight.js'
import type { Node } from './action/view.js'

/** The actions that users wait for, at a switch. */
type Awaited = 'start' | 'stop'

interface Prepared {
  readonly action: Awaited
  /** Of the configuration by which it was looked at. */
  readonly version: string
  readonly seen: Foresight
}

/** What nodes saw before an action was due, so that it need not look again: it has users waiting. */
export class Preparations {
  private readonly prepared = new Map<string, Prepared>()

  constructor(private readonly node: Node) {}

  /** Looks at what an action of a service will ask. `generation`: of the instance, null where unknown. */
  look(service: Service, action: Awaited, generation: number | null): void {
    const acted = service.resources.filter((r) => !r.disable && r.group !== 'sync')
    const seen = foresee(this.node, service, acted.filter(foreseeable(action)), generation)
    this.prepared.set(service.name, { action, version: service.version, seen })
  }

  /** What still counts of it; nothing for another action, or where the service has another configuration by now. */
  of({ name, version }: Service, action: string): Foresight {
    const prepared = this.prepared.get(name)
    if (prepared?.version !== version || prepared.action !== action) return new Map()
    const nowMs = this.node.io.clock.nowMs()
    return new Map([...prepared.seen].filter(([, one]) => one.counts(nowMs)))
  }

  /** Something began that changes what was seen. */
  spent(service: string): void {
    this.prepared.delete(service)
  }
}
