import type { Intent } from '../../../src/core/intent.js'
import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'

interface Start {
  readonly number: number
  readonly machine: string
  /** How often daemons had begun, all together, when it was claimed. */
  readonly begun: number
}

/**
 * With quorum each start of an instance has a higher number than any before it: by that number whoever meets two knows which of them is the former one, and a disk's
 * tag tells an older writer from a newer one. One exception: who has seen a claim remembers its number once the start is told. Where that one restarts before, and the
 * claimant is cut off as it starts, the next one may take the same number.
 */
export class Numbered implements Watcher {
  readonly violations: string[] = []
  /** By `service@machine`: how often daemons had begun when it was last claimed there. */
  private readonly claimed = new Map<string, number>()
  /** The start that was last begun there. */
  private readonly begun = new Map<string, Start>()
  /** The one with which each service became active last. */
  private readonly last = new Map<string, Start>()

  constructor(private readonly cluster: Cluster) {}

  intends(machine: string, intent: Intent): void {
    if (intent.do === 'claim') this.claimed.set(`${intent.service}@${machine}`, this.daemonsBegun())
    if (intent.do !== 'act' || intent.generation === null) return
    const key = `${intent.service}@${machine}`
    const begun = this.claimed.get(key) ?? this.daemonsBegun()
    this.begun.set(key, { number: intent.generation, machine, begun })
  }

  private daemonsBegun(): number {
    const stores = [...this.cluster.machines.values()].map(({ store }) => store)
    return stores.reduce((sum, store) => sum + Number(store.get('incarnation') ?? '0'), 0)
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
    if (last === undefined || (start?.number ?? 0) >= this.least(last, machine)) return
    this.violations.push(
      `${service} began on ${machine} with the number ${start?.number} after ${last.number} on ${last.machine}, at ${this.cluster.clock.nowMs()} ms`,
    )
  }

  /** What is held all the time, and stopped and started by hand there, is the same start. */
  private least(last: Start, machine: string): number {
    const isSame = last.machine === machine || this.daemonsBegun() > last.begun
    return isSame ? last.number : last.number + 1
  }
}
