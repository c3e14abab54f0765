import type { ClusterConfig } from '../../core/cluster.js'
import type { World } from '../../core/world.js'
import type { Cancel, Clock, Guard } from '../ports.js'
import type { Node } from './action/view.js'
import type { Agent, Follower } from './agent.js'
import { noGuard } from './guarding.js'
import { missingWatchdog } from './node-check.js'
import type { Power } from './power.js'

/** Guard and watchdog are looked at this often, and so are fencing agents while one does not work. */
const everyMs = 60_000
/** Fencing agents that work are asked this often: each of them has to reach something. */
const agentsEveryMs = 3_600_000
/** Nodes look one after another behind a start or a change: what powers a node off takes few callers at a time. */
const turnMs = 2000

export interface OwnGapsPorts {
  readonly agent: Agent
  readonly node: Node
  readonly clock: Clock
  readonly power: Pick<Power, 'ask'>
  /** Null: this node has none. */
  readonly guard: Pick<Guard, 'failure' | 'refusal' | 'lacks'> | null
}

/** Says in this node's document what of its own protection does not work, for `om cluster check` on any node. A witness runs nothing that would need any. */
export class OwnGaps implements Follower {
  private next: Cancel | null = null
  private readonly ending = new AbortController()
  private asked: {
    readonly cluster: ClusterConfig
    readonly atMs: number
    readonly gaps: readonly string[]
  } | null = null

  constructor(private readonly o: OwnGapsPorts) {}

  begin(): void {
    this.lookInTurn()
  }

  turned(before: World, after: World): void {
    if (before.cluster !== after.cluster && this.next !== null) this.lookInTurn()
  }

  stop(): void {
    this.next?.()
    this.next = null
    this.ending.abort()
  }

  private lookInTurn(): void {
    const { cluster, self } = this.o.agent.world
    this.lookIn((cluster.nodes.findIndex(({ name }) => name === self) + 1) * turnMs)
  }

  private lookIn(ms: number): void {
    const { clock } = this.o
    this.next?.()
    this.next = clock.at(clock.nowMs() + ms, () => void this.look())
  }

  private async look(): Promise<void> {
    const { agent } = this.o
    const { cluster, self } = agent.world
    const isNode = cluster.nodes.some(({ name }) => name === self)
    const gaps = isNode ? [...(await this.guardGaps(cluster)), ...(await this.agentGaps(cluster))] : []
    // Another configuration, which is looked at in its turn.
    if (this.next === null || agent.world.cluster !== cluster) return
    agent.put({ kind: 'node seen', seen: { gaps } })
    this.lookIn(everyMs)
  }

  private async guardGaps({ quorum, selfFence, watchdog }: ClusterConfig): Promise<readonly string[]> {
    const { guard, node } = this.o
    if (!quorum) return []
    if (guard === null) return [noGuard]
    const missing = selfFence === 'watchdog' ? await missingWatchdog(node.io.files, watchdog.device) : null
    return [
      ...(guard.failure === null ? [] : [`is without its guard: ${guard.failure}`]),
      ...(guard.lacks.length === 0 ? [] : [hindered(guard.lacks)]),
      ...(missing === null ? [] : [`has no watchdog, and starts nothing exclusive without: ${missing}`]),
      ...(missing !== null || guard.refusal === null
        ? []
        : [`has a guard that did not take the last service that it was given: ${guard.refusal}`]),
    ]
  }

  /** Nothing new where they worked lately, or while one of them powers a node off. */
  private async agentGaps(cluster: ClusterConfig): Promise<readonly string[]> {
    const { clock, node, power } = this.o
    const nowMs = clock.nowMs()
    const same = this.asked?.cluster === cluster ? this.asked : null
    if (same !== null && same.gaps.length === 0 && nowMs - same.atMs < agentsEveryMs) return []
    const gaps = await agentGaps(power, cluster, node.name, this.ending.signal)
    if (gaps === null) return same?.gaps ?? []
    this.asked = { cluster, atMs: nowMs, gaps }
    return gaps
  }
}

/** A guard keeps what it was allowed when it began, and outlives the daemon. */
const hindered = (lacks: readonly string[]): string =>
  `has a guard that may come too late, or be gone: ${lacks.join('; ')}; let omd have CAP_IPC_LOCK, CAP_SYS_NICE and CAP_SYS_RESOURCE, restart it, then end the guard, which it begins anew: pkill -KILL -x longshore-guard`

/** One after another, each with its own limit. Nodes of which the same is said are named together. Null where an order came between. */
async function agentGaps(
  power: Pick<Power, 'ask'>,
  { fencing }: ClusterConfig,
  self: string,
  ending: AbortSignal,
): Promise<readonly string[] | null> {
  const troubled = new Map<string, string[]>()
  for (const [name, agent] of Object.entries(fencing)) {
    if (name === self || ending.aborted) continue
    const state = await power.ask(agent, ending)
    if (state === null) return null
    if (state.ok) continue
    const { message } = state.error
    troubled.set(message, [...(troubled.get(message) ?? []), name])
  }
  return [...troubled].map(
    ([message, names]) =>
      `cannot have ${names.join(', ')} powered off: ${message}; see ${names.map((name) => `stonith#${name}`).join(', ')}`,
  )
}
