import type { Intent } from '../../../src/core/intent.js'
import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'

interface Start {
  readonly number: number
  readonly machine: string
}

/**
 * With quorum each start of an instance has a higher number than any before it: by that number whoever meets two knows which of them is the former one, and a disk's
 * tag tells an older writer from a newer one.
 */
export class Numbered implements Watcher {
  readonly violations: string[] = []
  /** By `service@machine`: the start that was last begun there. */
  private readonly begun = new Map<string, Start>()
  /** The one with which each service became active last. */
  private readonly last = new Map<string, Start>()

  constructor(private readonly cluster: Cluster) {}

  intends(machine: string, intent: Intent): void {
    if (intent.do !== 'act' || intent.generation === null) return
    this.begun.set(`${intent.service}@${machine}`, { number: intent.generation, machine })
  }

  /** It may be the only one of its new cluster that knew of the last start. */
  forgot(): void {
    this.last.clear()
  }

  activated(service: string, machine: string, goesOn: boolean): void {
    if (goesOn || this.cluster.wasUnprotected) return
    const start = this.begun.get(`${service}@${machine}`)
    const last = this.last.get(service)
    if (start !== undefined) this.last.set(service, start)
    if (last === undefined || (start?.number ?? 0) >= least(last, machine)) return
    this.violations.push(
      `${service} began on ${machine} with the number ${start?.number} after ${last.number} on ${last.machine}, at ${this.cluster.clock.nowMs()} ms`,
    )
  }
}

/** What is held all the time, and stopped and started by hand there, is the same start. */
const least = (last: Start, machine: string): number =>
  last.machine === machine ? last.number : last.number + 1
