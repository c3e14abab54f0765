import type { RegisterWrite } from '../../../src/core/register.js'
import { asHistory, historyOf } from '../../../src/daemon/agent/history.js'
import type { Cluster } from '../cluster.js'
import type { Machine } from '../machine.js'
import type { Watcher } from '../watcher.js'

/**
 * History is each node's own: whatever configuration a node has accepted is in the history of that node, also where a newer one from elsewhere has taken its place; and at the
 * end what is in force is the newest in the history of each that has it. A machine whose store was rolled back has lost what it alone had.
 */
export class History implements Watcher {
  private readonly accepts: {
    readonly machine: string
    readonly name: string
    readonly text: string | null
  }[] = []

  constructor(private readonly cluster: Cluster) {}

  accepted(machine: string, writes: readonly RegisterWrite[]): void {
    for (const write of writes)
      if (write.kind === 'config' || write.kind === 'cluster')
        this.accepts.push({ machine, name: historyOf(write), text: write.value.text })
  }

  /** What is missing once all is healed. */
  get missing(): readonly string[] {
    const accepted = this.accepts.flatMap(({ machine, name, text }) => {
      const { store } = this.cluster.machine(machine)
      if (store.wasRolledBack || store.history(name).some((entry) => entry.text === text)) return []
      return [`${name}, as it was accepted on ${machine}, is missing in the history there`]
    })
    return [...new Set(accepted), ...[...this.cluster.machines.values()].flatMap(notNewest)]
  }
}

function notNewest({ name, member, store, daemon }: Machine): readonly string[] {
  if (!member || daemon === null) return []
  return Object.values(daemon.agent.world.registers).flatMap((entry) => {
    if (entry.kind !== 'config' && entry.kind !== 'cluster') return []
    const newest = store.history(historyOf(entry))[0]
    const { version, wallMs } = asHistory(entry)
    if (newest?.version === version && newest.wallMs === wallMs) return []
    return [`${historyOf(entry)}, as it is in force on ${name}, is not the newest in the history there`]
  })
}
