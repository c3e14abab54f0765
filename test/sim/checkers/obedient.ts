import type { Intent } from '../../../src/core/intent.js'
import { frozenBy } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import type { Cluster, Watcher } from '../cluster.js'

/** What is frozen is not started by the daemon's own doing, and an aborted target state begins nothing more. */
export class Obedient implements Watcher {
  readonly violations: string[] = []

  constructor(private readonly cluster: Cluster) {}

  intends(machine: string, intent: Intent, world: World): void {
    if (intent.do !== 'act') return
    const at = `on ${machine} at ${this.cluster.clock.nowMs()} ms`
    const starts = intent.action === 'start' || intent.action === 'restart' || intent.action === 'provision'
    const frozen = frozenBy(world, intent.service, machine)
    if (starts && intent.target === null && intent.order === null && frozen !== null) {
      this.violations.push(`${intent.action} of ${intent.service} ${at}, though ${frozen}`)
    }
    if (intent.target === null) return
    const entry = world.registers[`target/${intent.service}`]
    const target = entry?.kind === 'target' ? entry.value : null
    if (target?.id !== intent.target || target.end !== null) {
      this.violations.push(`${intent.action} of ${intent.service} ${at} for a target state that is over`)
    }
  }
}
