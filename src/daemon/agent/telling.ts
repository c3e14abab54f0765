import { heardPeers } from '../../core/membership.js'
import { targetName, type RegisterEntry } from '../../core/register.js'
import type { World } from '../../core/world.js'
import type { EventStream } from '../api/stream.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'

/** Tells clients of the API, and the log, what a turn has changed. */
export class Telling implements Follower {
  constructor(
    private readonly o: { readonly stream: EventStream; readonly logbook: Logbook; readonly agent: Agent },
  ) {}

  turned(before: World, after: World): void {
    if (before.registers !== after.registers) {
      for (const [key, entry] of Object.entries(after.registers)) {
        if (before.registers[key] !== entry) this.tellRegister(entry, after.self)
      }
    }
    this.tellHeard(before, after)
    const shown =
      before.documents !== after.documents ||
      before.registers !== after.registers ||
      before.services !== after.services
    if (shown || heardPeers(before).join() !== heardPeers(after).join()) {
      this.o.stream.statusChanged(changedServices(before, after))
    }
  }

  private tellRegister(entry: RegisterEntry, self: string): void {
    // Every node's log has the line; the one of its author is what people read.
    const level = entry.stamp.node === self ? 'info' : 'debug'
    switch (entry.kind) {
      case 'target': {
        const { id, target, end } = entry.value
        if (end === null) {
          const message = `service ${entry.name} target state set to ${targetName(target)}`
          this.o.logbook.write({ service: entry.name, level, message })
        }
        this.o.stream.publish({ kind: 'target', service: entry.name, id, name: targetName(target), end })
        return
      }
      case 'freeze':
        this.o.logbook.write({
          level,
          service: entry.name.startsWith('@') ? null : (entry.name.split('@')[0] ?? null),
          message: `${entry.name} ${entry.value ? 'frozen' : 'thawed'} by ${entry.stamp.node}`,
        })
        return
      case 'off':
        if (entry.value.off) {
          this.o.logbook.write({
            level: 'warn',
            message: `node ${entry.name} declared off by an operator on ${entry.stamp.node}`,
          })
        }
        return
      case 'config':
        this.o.logbook.write({
          level,
          service: entry.name,
          message: `configuration ${entry.value.text === null ? 'deleted' : 'set'} by ${entry.value.author} on ${entry.stamp.node}`,
        })
        return
      case 'cluster':
        this.o.logbook.write({
          level,
          message: `cluster configuration set by ${entry.value.author} on ${entry.stamp.node}`,
        })
        return
      case 'clear':
        return
    }
  }

  private tellHeard(before: World, after: World): void {
    if (before.links === after.links && before.nowMs === after.nowMs) return
    const was = new Set(heardPeers(before))
    const is = new Set(heardPeers(after))
    for (const peer of is) {
      if (!was.has(peer)) this.o.logbook.write({ message: `node ${peer} is heard` })
    }
    for (const peer of was) {
      if (!is.has(peer)) {
        const timeout = after.cluster.heartbeat.timeoutMs / 1000
        this.o.logbook.write({
          level: 'warn',
          message: `node ${peer} is silent on every path for ${timeout} s`,
        })
      }
    }
  }
}

function changedServices(before: World, after: World): readonly string[] {
  const changed = new Set<string>()
  for (const document of Object.values(after.documents)) {
    const was = before.documents[document.node]?.instances
    if (was === document.instances) continue
    for (const [service, instance] of Object.entries(document.instances)) {
      if (was?.[service] !== instance) changed.add(service)
    }
  }
  for (const [service, view] of Object.entries(after.services)) {
    if (before.services[service] !== view) changed.add(service)
  }
  return [...changed]
}
