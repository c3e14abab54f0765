import { leaseEndsMs } from '../../core/lease.js'
import { shortestTimeoutMs } from '../../core/rules.js'
import { watchdogGraceMs } from '../../core/watchdog.js'
import type { Service } from '../../core/service.js'
import { ownDocument } from '../../core/view.js'
import type { World } from '../../core/world.js'
import type { Cancel, Clock, Guard, GuardEvent, Severing } from '../ports.js'
import type { Node } from './action/view.js'
import type { Agent, Follower } from './agent.js'
import type { Farewell } from './farewell.js'
import type { Logbook } from './logbook.js'
import { severingOf, together } from './severing.js'

/** A start does not go on where the guard has not confirmed within this time that it would end it. */
const answerMs = 1000

/** Of a node that is to have one. */
export const noGuard =
  'has no guard: a daemon that hangs keeps what it runs; build with a C compiler to have one'

export interface GuardingPorts {
  readonly agent: Agent
  readonly node: Node
  readonly clock: Clock
  readonly logbook: Logbook
  /** Null: this node has none. */
  readonly guard: Guard | null
  /** A service has changed by other hands than this daemon's. */
  readonly look: (service: string) => void
}

/**
 * Keeps the guard in step with the world: when the lease ends, and what is to be ended then. A service is held before its first exclusive step,
 * and released when its place was given up.
 */
export class Guarding implements Follower {
  /** What the guard was told, by service. */
  private readonly told = new Map<string, readonly Severing[]>()
  private readonly left: Set<string>
  private tick: Cancel | null = null
  /** Is a guard wanted, or there from before? */
  private wanted: boolean

  constructor(private readonly o: GuardingPorts) {
    const { guard } = o
    const memory = guard?.memory ?? null
    this.left = new Set(memory?.held ?? [])
    this.wanted = memory !== null
    guard?.onEvent((event) => this.heard(event))
  }

  begin(): void {
    this.follow(this.o.agent.world)
    if (this.o.guard !== null) this.beat()
  }

  turned(_: World, after: World): void {
    this.follow(after)
  }

  /** The lease ends later than before, and nothing else has happened. */
  extended(world: World): void {
    this.extend(world)
  }

  /** Waits for the guard's word. Null where the service may be started, else why not. */
  async ready(service: Service): Promise<string | null> {
    if (!this.isNeeded(service)) return null
    await this.o.guard?.held(service.name, answerMs)
    return this.refusal(service)
  }

  /** Why nothing exclusive may be begun now; null where it may. */
  refusal(service: Service): string | null {
    if (!this.isNeeded(service) || this.o.guard?.holds(service.name) === true) return null
    const why = this.o.guard?.refusal ?? `see guard.log in ${this.o.node.runDir}`
    return `the guard has not confirmed that it would end ${service.name} with the lease: ${why}`
  }

  /** The daemon ends in good order. What stays up without the others' knowledge stays guarded. */
  end(farewell: Farewell): void {
    this.tick?.()
    this.tick = null
    if (farewell !== 'unheard') this.o.guard?.dismiss()
  }

  private isNeeded(service: Service): boolean {
    const { guard, agent, node } = this.o
    return guard !== null && agent.world.cluster.quorum && severingOf(node, service).length > 0
  }

  private follow(world: World): void {
    const { guard, logbook } = this.o
    const { quorum, stopMaxMs, selfFence, watchdog } = world.cluster
    const runsServices = world.cluster.nodes.some(({ name }) => name === world.self)
    if (quorum && runsServices && !this.wanted && guard === null)
      logbook.write({
        level: 'warn',
        message: `this node ${noGuard}`,
      })
    if (!quorum && this.wanted) this.dismiss()
    this.wanted = quorum
    if (!quorum || guard === null) return
    const graceMs = watchdogGraceMs(world.cluster, shortestTimeoutMs(world))
    guard.watch({
      stopMaxMs,
      selfFence,
      watchdog: selfFence === 'watchdog' ? { ...watchdog, graceMs } : null,
    })
    this.extend(world)
    this.holdAndRelease(world, guard)
  }

  private dismiss(): void {
    this.told.clear()
    this.left.clear()
    this.o.guard?.dismiss()
  }

  private holdAndRelease(world: World, guard: Guard): void {
    const { instances } = ownDocument(world)
    for (const [name, { service }] of Object.entries(world.services)) {
      if (instances[name]?.place.kind === 'held') this.hold(guard, service)
    }
    // What an earlier daemon held is not known to be released before it was looked at.
    if (world.boot.phase === 'probing') return
    for (const name of [...this.told.keys(), ...this.left]) {
      if (instances[name]?.place.kind === 'held') continue
      this.told.delete(name)
      this.left.delete(name)
      guard.release(name)
    }
  }

  private hold(guard: Guard, service: Service): void {
    const before = this.told.get(service.name)
    const how = together(severingOf(this.o.node, service), before ?? [])
    if (how.length === before?.length) return
    this.told.set(service.name, how)
    guard.hold(service.name, how)
  }

  private extend(world: World): void {
    const { begun, lapsed } = world.lease
    if (!world.cluster.quorum || !begun || lapsed) return
    const nowMs = this.o.clock.nowMs()
    this.o.guard?.extend(Math.min(leaseEndsMs(world, nowMs), nowMs + world.cluster.heartbeat.leaseMs))
  }

  /** Where a node needs nobody's word but its own, nothing happens that would make its lease longer. */
  private beat(): void {
    const { clock, agent } = this.o
    this.tick = clock.at(clock.nowMs() + agent.world.cluster.heartbeat.intervalMs, () => {
      this.extend(agent.world)
      this.beat()
    })
  }

  private heard(event: GuardEvent): void {
    const { logbook, look } = this.o
    if (event.kind === 'trouble') return logbook.write({ level: 'error', message: event.message })
    const { service } = event
    logbook.write({ service, level: 'warn', message: 'the guard ended it by force: the lease was over' })
    look(service)
  }
}
