import { ownDocument } from '../../../src/core/view.js'
import type { KeptRules } from '../../../src/daemon/agent/durable.js'
import type { Cluster } from '../cluster.js'
import type { Machine } from '../machine.js'
import type { Watcher } from '../watcher.js'

/**
 * With quorum there are no exceptions: never two machines with power and something exclusive of one service active. A paused machine counts. Where operators
 * switched quorum off, and both have agreed to that, and are not both done with it, the two may come about.
 */
export class Alone implements Watcher {
  readonly violations: string[] = []
  /** `service@node node` that came about while quorum was off: what goes on then adds nothing. */
  private readonly doubles = new Set<string>()

  constructor(private readonly cluster: Cluster) {}

  activated(service: string, machine: string, goesOn: boolean): void {
    const others = this.cluster.up(service).filter((other) => other !== machine)
    const wrong = others.filter((other) => !this.isAllowed(service, [machine, other].sort(), goesOn))
    if (wrong.length === 0) return
    this.violations.push(
      `${service} began on ${machine} at ${this.cluster.clock.nowMs()} ms while it was up on ${wrong.join(' and ')}`,
    )
  }

  private isAllowed(service: string, pair: readonly string[], goesOn: boolean): boolean {
    if (!this.cluster.wasUnprotected) return false
    const double = `${service}@${pair.join(' ')}`
    if (pair.every((name) => isUnprotected(this.cluster.machine(name)))) this.doubles.add(double)
    else if (!goesOn) return false
    return this.doubles.has(double)
  }

  violated(what: string): void {
    this.violations.push(`${what}, at ${this.cluster.clock.nowMs()} ms`)
  }
}

/**
 * Is quorum off by rules that it has agreed to and has not left behind? One that was switched on again and off once more is among them as a new one that it has not
 * agreed to yet, and its word is still the first.
 */
function isUnprotected({ store, daemon }: Machine): boolean {
  const { all, said } = JSON.parse(store.get('rules') ?? '{"all":[],"said":true}') as KeptRules
  const word = daemon === null ? undefined : ownDocument(daemon.agent.saved).rules
  return word?.newest.quorum === false || all.some(({ quorum }, i) => !quorum && (said || i < all.length - 1))
}
