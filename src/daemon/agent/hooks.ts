import type { Hook } from '../../core/cluster.js'
import { heardPeers } from '../../core/membership.js'
import { targetName } from '../../core/register.js'
import type { World } from '../../core/world.js'
import type { Exec } from '../ports.js'
import type { Agent, Follower } from './agent.js'
import type { Logbook } from './logbook.js'

/** Runs of one hook that wait; more are dropped, with a word in the log. */
const queueLimit = 100

/** What hooks can be told. The event goes to the command's standard input as one JSON object. */
export type HookEvent =
  | {
      readonly event: 'instance_status'
      readonly service: string
      readonly node: string
      readonly avail: string
      readonly was: string | null
    }
  | {
      readonly event: 'instance_monitor'
      readonly service: string
      readonly node: string
      readonly monitor: string
      readonly failure: string | null
    }
  | { readonly event: 'target_set'; readonly service: string; readonly target: string }
  | {
      readonly event: 'target_ended'
      readonly service: string
      readonly target: string
      readonly how: string
      readonly why: string
    }
  | { readonly event: 'node_silent' | 'node_heard'; readonly node: string }

/** Runs operators' commands on events, one after another for each hook, beside the loop and never in its way. */
export class HookRunner implements Follower {
  private readonly queues = new Map<string, HookEvent[]>()

  constructor(
    private readonly o: { readonly exec: Exec; readonly logbook: Logbook; readonly agent: Agent },
  ) {}

  turned(before: World, after: World): void {
    const { hooks } = after.cluster
    if (hooks.length === 0) return
    for (const event of hookEvents(before, after)) {
      for (const hook of hooks)
        if (hook.events.includes(event.event) || hook.events.includes('*')) this.enqueue(hook, event)
    }
  }

  private enqueue(hook: Hook, event: HookEvent): void {
    const queue = this.queues.get(hook.name)
    if (queue === undefined) {
      this.queues.set(hook.name, [event])
      void this.drain(hook)
      return
    }
    if (queue.length < queueLimit) queue.push(event)
    else
      this.o.logbook.write({
        level: 'warn',
        message: `${hook.name}: ${event.event} dropped, ${queueLimit} events wait already`,
      })
  }

  private async drain(hook: Hook): Promise<void> {
    const queue = this.queues.get(hook.name) ?? []
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      const input = `${JSON.stringify({ ...event, seen_by: this.o.agent.world.self })}\n`
      const result = await this.o.exec.run(hook.command, { timeoutMs: hook.timeoutMs, input })
      if (result.outcome !== 'exited' || result.exit !== 0) {
        const end = result.outcome === 'exited' ? `exit ${result.exit}` : result.outcome
        this.o.logbook.write({
          level: 'warn',
          message: `${hook.name}: ${hook.command.join(' ')}: ${end} ${result.stderr.trim()}`,
        })
      }
    }
    this.queues.delete(hook.name)
  }
}

function hookEvents(before: World, after: World): readonly HookEvent[] {
  return [...instanceEvents(before, after), ...targetEvents(before, after), ...nodeEvents(before, after)]
}

/** Of this node's own instances: each node tells of itself. */
function instanceEvents(before: World, after: World): readonly HookEvent[] {
  const was = before.documents[before.self]?.instances ?? {}
  const is = after.documents[after.self]?.instances ?? {}
  if (was === is) return []
  const events: HookEvent[] = []
  for (const [service, instance] of Object.entries(is)) {
    const old = was[service]
    const { avail, monitor, failure } = instance
    if (old?.avail !== avail)
      events.push({ event: 'instance_status', service, node: after.self, avail, was: old?.avail ?? null })
    if (old?.monitor !== monitor)
      events.push({ event: 'instance_monitor', service, node: after.self, monitor, failure })
  }
  return events
}

function targetEvents(before: World, after: World): readonly HookEvent[] {
  if (before.registers === after.registers) return []
  const events: HookEvent[] = []
  for (const [key, entry] of Object.entries(after.registers)) {
    if (entry.kind !== 'target' || before.registers[key] === entry) continue
    const target = targetName(entry.value.target)
    const { end } = entry.value
    if (end === null) events.push({ event: 'target_set', service: entry.name, target })
    else events.push({ event: 'target_ended', service: entry.name, target, how: end.how, why: end.why })
  }
  return events
}

function nodeEvents(before: World, after: World): readonly HookEvent[] {
  const was = heardPeers(before)
  const is = heardPeers(after)
  return [
    ...was.filter((node) => !is.includes(node)).map((node): HookEvent => ({ event: 'node_silent', node })),
    ...is.filter((node) => !was.includes(node)).map((node): HookEvent => ({ event: 'node_heard', node })),
  ]
}
