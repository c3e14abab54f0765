import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'

/** With quorum there are no exceptions: never two machines with power and something exclusive of one service active. A paused machine counts. */
export class Alone implements Watcher {
  readonly violations: string[] = []

  constructor(private readonly cluster: Cluster) {}

  activated(service: string, machine: string): void {
    const others = this.cluster.up(service).filter((other) => other !== machine)
    if (others.length === 0) return
    this.violations.push(
      `${service} began on ${machine} at ${this.cluster.clock.nowMs()} ms while it was up on ${others.join(' and ')}`,
    )
  }

  violated(what: string): void {
    this.violations.push(`${what}, at ${this.cluster.clock.nowMs()} ms`)
  }
}
