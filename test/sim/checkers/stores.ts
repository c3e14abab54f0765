import { ownDocument } from '../../../src/core/view.js'
import type { Cluster } from '../cluster.js'
import type { Watcher } from '../watcher.js'

/** No node says that it began with an older store than it had unless it did: what others were told was on its disk before, whatever it died of. */
export class Stores implements Watcher {
  readonly violations: string[] = []
  /** Daemons that said so, each once. */
  private readonly said = new Set<string>()

  constructor(
    private readonly cluster: Cluster,
    private readonly noticed: () => void,
  ) {}

  turned(name: string): void {
    const { daemon, store } = this.cluster.machine(name)
    if (daemon === null) return
    const { rolledBack, startedAtWallMs } = ownDocument(daemon.agent.world)
    const life = `${name} ${startedAtWallMs}`
    if (rolledBack !== true || this.said.has(life)) return
    this.said.add(life)
    this.noticed()
    if (store.wasRolledBack) return
    const atMs = this.cluster.clock.nowMs()
    this.violations.push(`${name} says that its store was rolled back, and it was not, at ${atMs} ms`)
  }
}
