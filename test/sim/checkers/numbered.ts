import type { Intent } from '../../../src/core/intent.js'
import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'

/**
 * With quorum each start of an instance has a higher number than any before it: by that number whoever meets two knows which of them is the former one, and a disk's
 * tag tells an older writer from a newer one.
 */
export class Numbered implements Watcher {
  readonly violations: string[] = []
  /** `service@machine`: the number of the start that was last begun there. */
  private readonly begun = new Map<string, number>()
  /** The last with which each service became active, and where. */
  private readonly last = new Map<string, { readonly number: number; readonly machine: string }>()

  constructor(private readonly cluster: Cluster) {}

  intends(machine: string, intent: Intent): void {
    if (intent.do !== 'act' || intent.generation === null) return
    this.begun.set(`${intent.service}@${machine}`, intent.generation)
  }

  /** It may be the only one of its new cluster that knew of the last start. */
  forgot(): void {
    this.last.clear()
  }

  activated(service: string, machine: string, goesOn: boolean): void {
    if (goesOn || this.cluster.wasUnprotected) return
    const number = this.begun.get(`${service}@${machine}`) ?? 0
    const last = this.last.get(service)
    this.last.set(service, { number, machine })
    // What is held all the time, and stopped and started by hand there, is the same start.
    const least = last?.machine === machine ? last.number : (last?.number ?? 0) + 1
    if (number >= least) return
    this.violations.push(
      `${service} began on ${machine} with the number ${number} after ${last?.number} on ${last?.machine}, at ${this.cluster.clock.nowMs()} ms`,
    )
  }
}
