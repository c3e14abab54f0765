import { sameRules, type Rules } from '../../../src/core/rules.js'
import type { KeptRules } from '../../../src/daemon/agent/durable.js'
import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'
import { Meetings } from './meetings.js'

/**
 * With quorum and a watchdog there are no exceptions: never two machines with power and something exclusive of one service active. A paused machine counts. Where
 * operators switched quorum off, and both have agreed to that, and are not both done with it, the two may come about. Without a watchdog a paused machine cannot
 * be ended: such meetings are counted, and must be over at once when it goes on.
 */
export class Alone implements Watcher {
  readonly violations: string[] = []
  /** `service@node node` that came about while quorum was off: what goes on then adds nothing. */
  private readonly doubles = new Set<string>()
  /** What was on a machine's disk at its last turn. */
  private readonly kept = new Map<string, string | null>()
  /** Rules without quorum, by machine, that it has agreed to and has not left behind. */
  private readonly agreed = new Map<string, readonly Rules[]>()

  /** Null where a watchdog ends what nothing else does. */
  private readonly meetings: Meetings | null

  /** `unprotected`: two were up at once, and that could not be helped. */
  constructor(
    private readonly cluster: Cluster,
    unprotected: (() => void) | null = null,
  ) {
    const violated = (what: string): void => this.violated(what)
    this.meetings = unprotected === null ? null : new Meetings({ cluster, counted: unprotected, violated })
  }

  /**
   * Off, on and off again: before everybody has left them, the same rules are the newest once more. What a machine has yet to say anew, it had agreed to all
   * the time.
   */
  turned(machine: string): void {
    const text = this.cluster.machine(machine).store.get('rules')
    if (text === this.kept.get(machine)) return
    this.kept.set(machine, text)
    const { all, said } = JSON.parse(text ?? '{"all":[],"said":true}') as KeptRules
    const before = this.agreed.get(machine) ?? []
    const agreed = all.filter(
      (rules, i) =>
        !rules.quorum && (said || i < all.length - 1 || before.some((one) => sameRules(one, rules))),
    )
    this.agreed.set(machine, agreed)
  }

  activated(service: string, machine: string, goesOn: boolean): void {
    if (!goesOn) this.meetings?.began(service, machine)
    const others = this.cluster.up(service).filter((other) => other !== machine)
    const wrong = others
      .filter((other) => !this.isAllowed(service, [machine, other].sort(), goesOn))
      .filter((other) => this.meetings?.allows(service, other, machine) !== true)
    if (wrong.length === 0) return
    this.violations.push(
      `${service} began on ${machine} at ${this.cluster.clock.nowMs()} ms while it was up on ${wrong.join(' and ')}`,
    )
  }

  private isAllowed(service: string, pair: readonly string[], goesOn: boolean): boolean {
    if (!this.cluster.wasUnprotected) return false
    const double = `${service}@${pair.join(' ')}`
    if (pair.every((name) => (this.agreed.get(name) ?? []).length > 0)) this.doubles.add(double)
    else if (!goesOn) return false
    return this.doubles.has(double)
  }

  violated(what: string): void {
    this.violations.push(`${what}, at ${this.cluster.clock.nowMs()} ms`)
  }
}
