import type { Hook } from '../../core/cluster.js'
import { heardPeers } from '../../core/membership.js'
import { targetName } from '../../core/register.js'
import type { World } from '../../core/world.js'
import { commandFailure } from '../../resources/kit/command-failure.js'
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

/** One hook at work: what waits, and what ends the command that runs. */
interface Line {
  readonly hook: Hook
  readonly events: HookEvent[]
  readonly ending: AbortController
}

/** Runs operators' commands on events, one after another for each hook, beside the loop and never in its way. */
export class HookRunner implements Follower {
  private readonly lines = new Map<string, Line>()

  constructor(
    private readonly o: { readonly exec: Exec; readonly logbook: Logbook; readonly agent: Agent },
  ) {}

  turned(before: World, after: World): void {
    const { hooks } = after.cluster
    if (before.cluster.hooks !== hooks) this.keepOnly(hooks)
    if (hooks.length === 0) return
    for (const event of hookEvents(before, after)) {
      for (const hook of hooks)
        if (hook.events.includes(event.event) || hook.events.includes('*')) this.enqueue(hook, event)
    }
  }

  /** Commands that run are ended: nobody would see to their time limit. */
  stop(): void {
    this.keepOnly([])
  }

  /** A hook that was changed or removed is done with what it was told so far. */
  private keepOnly(hooks: readonly Hook[]): void {
    for (const line of this.lines.values()) {
      if (hooks.some((hook) => JSON.stringify(hook) === JSON.stringify(line.hook))) continue
      line.events.length = 0
      line.ending.abort()
      this.lines.delete(line.hook.name)
    }
  }

  private enqueue(hook: Hook, event: HookEvent): void {
    const line = this.lines.get(hook.name)
    if (line === undefined) {
      const begun: Line = { hook, events: [event], ending: new AbortController() }
      this.lines.set(hook.name, begun)
      void this.drain(begun)
      return
    }
    if (line.events.length < queueLimit) line.events.push(event)
    else this.warn(hook, `${event.event} is dropped, since ${queueLimit} events wait already`)
  }

  private async drain(line: Line): Promise<void> {
    const { hook, events, ending } = line
    const { timeoutMs } = hook
    for (let event = events.shift(); event !== undefined; event = events.shift()) {
      const input = `${JSON.stringify({ ...event, seen_by: this.o.agent.world.self })}\n`
      const options = { timeoutMs, input, changes: true, signal: ending.signal } as const
      const result = await this.o.exec.run(hook.command, options)
      if (ending.signal.aborted) return
      const failure = commandFailure(result, { timeoutMs })
      if (failure !== null) this.warn(hook, `${event.event}: ${failure.message}`)
    }
    this.lines.delete(hook.name)
  }

  private warn(hook: Hook, what: string): void {
    this.o.logbook.write({ level: 'warn', message: `hook#${hook.name}: ${what}` })
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
  const members = after.cluster.nodes.map(({ name }) => name)
  const was = heardPeers(before).filter((node) => members.includes(node))
  const is = heardPeers(after)
  return [
    ...was.filter((node) => !is.includes(node)).map((node): HookEvent => ({ event: 'node_silent', node })),
    ...is.filter((node) => !was.includes(node)).map((node): HookEvent => ({ event: 'node_heard', node })),
  ]
}
