import type { ActionOutcome, InstanceProbe } from '../../core/event.js'
import type { FencingAgent } from '../../core/fencing.js'
import type { ActIntent, Intent } from '../../core/intent.js'
import { hasLease, leaseWords } from '../../core/lease.js'
import { targetName } from '../../core/register.js'
import { fail, ok, type Failure, type Result } from '../../core/result.js'
import { localOf, newestTarget, ownInstance } from '../../core/view.js'
import type { OrderSelection, World } from '../../core/world.js'
import type { ApiEvent } from '../api/contract.js'
import { daemonEnds } from './action/options.js'
import { runAction } from './action/run-action.js'
import type { Node } from './action/view.js'
import type { Agent } from './agent.js'
import { askAddresses } from './addresses.js'
import type { Power } from './power.js'
import { Departures } from './departures.js'
import { Preparations } from './preparations.js'
import type { Guarding } from './guarding.js'
import { Handovers } from './handovers.js'
import { lineOf } from './intent-lines.js'
import type { Logbook } from './logbook.js'
import type { OrderDesk } from './order-desk.js'
import { beforeMonitorAction, rebootNode } from './monitor-action.js'

const everything: OrderSelection = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }

export interface ExecutorPorts {
  readonly agent: Agent
  readonly node: Node
  readonly logbook: Logbook
  readonly orders: OrderDesk
  readonly guarding: Guarding
  readonly power: Power
  readonly publish: (event: ApiEvent) => void
}

/** Carries intents out. What it starts comes back to the agent as events. */
export class Executors {
  private readonly running = new Map<string, AbortController>()
  /** Questions about addresses that are not yet answered, by service. */
  private readonly asking = new Map<string, Asking>()

  private readonly preparations: Preparations
  private readonly handovers: Handovers

  constructor(private readonly o: ExecutorPorts) {
    this.preparations = new Preparations(o.node)
    this.handovers = new Handovers(o.agent, o.node.io.clock)
    o.agent.follow(new Departures(this.preparations))
  }

  carryOut(intent: Intent, id: string, world: World): void {
    const line = lineOf(intent)
    if (line !== null) this.o.logbook.write(intent.do === 'act' ? { ...line, action: id } : line)
    switch (intent.do) {
      case 'act':
        void this.act(intent, id, world)
        return
      case 'abort':
        this.running.get(intent.id)?.abort()
        return
      case 'check addresses':
        void this.checkAddresses(intent, world)
        return
      case 'fence':
        void this.powerOff(intent.node)
        return
      case 'end target':
        this.sayTargetEnd(intent, world)
        return
      case 'drop order':
        this.o.orders.settle(intent.id, fail('CONFLICT', intent.why))
        return
      case 'reboot':
        void this.reboot(intent.service, intent.how, world)
        return
      // These take effect in the world alone.
      case 'withdraw':
      case 'claim':
      case 'freeze':
      case 'delete config':
      case 'release':
      case 'wait':
      case 'void off':
      case 'end boot hold':
      case 'hear':
      case 'forget former member':
      case 'evict':
      case 'end eviction':
      case 'end lapse':
        return
    }
  }

  /** Ends every running action, for the end of the daemon. */
  abortAll(): void {
    for (const controller of this.running.values()) controller.abort(daemonEnds)
  }

  private async reboot(name: string, how: 'reboot' | 'crash', world: World): Promise<void> {
    const service = world.services[name]?.service
    const { node, logbook } = this.o
    if (service !== undefined) await rebootNode({ node, logbook, service }, how)
  }

  private async act(intent: ActIntent, id: string, world: World): Promise<void> {
    const { agent, node } = this.o
    const service = world.services[intent.service]?.service
    if (service === undefined) return
    const controller = new AbortController()
    this.running.set(id, controller)
    const say = (line: { rid: string | null; level: 'info' | 'warn' | 'error'; message: string }): void =>
      this.o.logbook.write({ service: service.name, action: id, ...line })
    try {
      if (intent.monitorAction) await beforeMonitorAction({ node, logbook: this.o.logbook, service })
      const foreseen = this.preparations.of(service, intent.action)
      this.preparations.spent(service.name)
      const guarded = takesPlace(intent)
      if (guarded) await this.o.guarding.ready(service)
      const result = await runAction({
        node,
        service,
        action: intent.action,
        selection: intent.selection ?? everything,
        origin: intent.origin,
        leader: intent.leader,
        generation: generationOf(world, service.name),
        forced: intent.forced === true,
        withinMs: intent.withinMs,
        addressesSilent: this.addressesSilent(intent, world),
        foreseen,
        signal: controller.signal,
        mayContinue: () =>
          mayContinue(agent.world, node.io.clock.nowMs(), intent, id) ??
          (guarded ? this.o.guarding.refusal(service) : null),
        on: {
          log: say,
          progress: (rid, state) => this.progress(service.name, rid, intent.action, state),
          changed: (rid, seen) => agent.put({ kind: 'resource seen', service: service.name, rid, seen }),
          released: () => this.released(intent, id, controller.signal),
        },
      })
      if (intent.action === 'prepare' && result.failure === null)
        this.preparations.look(service, 'start', null)
      const probe: InstanceProbe = {
        service: service.name,
        version: service.version,
        resources: result.resources,
      }
      // Who asked for it is told by the end of the target, or of the order.
      const unasked = intent.action === 'start' && intent.target === null && intent.order === null
      if (unasked && result.failure === null)
        say({ rid: null, level: 'info', message: `service ${service.name} is up on ${node.name}` })
      const aborted = controller.signal.aborted
      const outcome: ActionOutcome = {
        ok: result.failure === null,
        failure: result.failure?.message ?? null,
        aborted,
        probe,
      }
      agent.put({ kind: 'action ended', service: service.name, id, outcome })
      if (intent.order !== null) this.o.orders.settle(intent.order, answerOf(intent, result.failure))
    } finally {
      this.running.delete(id)
    }
  }

  private released({ service, forced }: ActIntent, id: string, signal: AbortSignal): Promise<void> {
    this.o.agent.put({ kind: 'released', service, id })
    return forced === true ? Promise.resolve() : this.handovers.taken(service, signal)
  }

  /** Asked under the claim that grants this action: known, or about to be. It is not asked twice. */
  private addressesSilent(intent: ActIntent, world: World): Promise<boolean> {
    if (intent.addressesSilent) return Promise.resolve(true)
    const check = localOf(world, intent.service).addressCheck
    const asking = this.asking.get(intent.service)
    const same = intent.generation !== null && check !== null && asking?.claim === check.claim
    return same ? asking.silent : Promise.resolve(false)
  }

  private progress(
    service: string,
    rid: string,
    action: string,
    state: 'begun' | 'done' | 'failed' | 'rolled back',
  ): void {
    this.o.publish({ kind: 'progress', service, node: this.o.node.name, rid, action, state })
  }

  private async checkAddresses(
    { service, claim, handover }: Extract<Intent, { do: 'check addresses' }>,
    world: World,
  ): Promise<void> {
    const known = world.services[service]?.service
    if (known === undefined) return
    const prepared = handover === true ? this.preparations.of(known, 'start') : null
    const asked = askAddresses(known, this.o.node, prepared)
    this.asking.set(service, { claim, silent: asked.then(({ result }) => result === 'silent') })
    const answer = await asked
    if (this.asking.get(service)?.claim === claim) this.asking.delete(service)
    this.o.logbook.write({ service, message: `addresses checked: ${answer.detail}` })
    this.o.agent.put({ kind: 'addresses checked', service, claim, ...answer })
  }

  /** By the node's fencing agent; the value says who confirmed it. */
  async powerOff(node: string): Promise<Result<string>> {
    const agent = this.o.agent.world.cluster.fencing[node]
    if (agent === undefined) {
      const example = `om cluster set --kw stonith#${node}.agent=fence_ipmilan`
      return fail('UNKNOWN', `nothing is said of how ${node} is powered off: ${example}, and its options`)
    }
    const fenced = await this.o.power.set(node, agent, 'off')
    const detail = fenced.ok ? fenced.value : fenced.error.message
    this.o.logbook.write({ level: fenced.ok ? 'warn' : 'error', message: `fence ${node}: ${detail}` })
    this.o.agent.put({ kind: 'fenced', node, off: fenced.ok, detail })
    if (fenced.ok && agent.powerOn) void this.powerOn(node, agent)
    return fenced
  }

  /** Behind the evidence, which waits for nothing: whether the node comes back is of no matter to who takes over. */
  private async powerOn(node: string, agent: FencingAgent): Promise<void> {
    const on = await this.o.power.set(node, agent, 'on')
    if (on.ok) return this.o.logbook.write({ level: 'info', message: `power on ${node}: ${on.value}` })
    const next = 'it may still be off: power it on by hand, and mend its fencing agent'
    this.o.logbook.write({ level: 'error', message: `power on ${node}: ${on.error.message}; ${next}` })
  }

  private sayTargetEnd(intent: Extract<Intent, { do: 'end target' }>, world: World): void {
    const value = newestTarget(world, intent.service)
    const name = value === null ? 'target' : targetName(value.target)
    const level = intent.end.how === 'met' ? 'info' : 'error'
    const message = `service ${intent.service} target state ${name} ${intent.end.how}: ${intent.end.why}`
    this.o.logbook.write({ service: intent.service, level, message })
  }
}

interface Asking {
  readonly claim: number
  /** Nobody answers for the addresses. */
  readonly silent: Promise<boolean>
}

function answerOf(intent: ActIntent, failure: Failure | null): Result<string> {
  if (failure === null) return ok(`${intent.action} of ${intent.service} done`)
  const message = `${intent.action} of ${intent.service} failed: ${failure.message}`
  return fail(failure.code, message, failure.details)
}

/** The number of the start that an action belongs to: what is prepared under a claim belongs to the start that the claim is for. */
function generationOf(world: World, service: string): number {
  const place = ownInstance(world, service)?.place
  return place?.kind === 'claimed' ? place.generation : localOf(world, service).generation
}

/** Does it start what is exclusive, under this node's own place? */
const takesPlace = ({ action, leader }: ActIntent): boolean =>
  action === 'start' || action === 'restart' || (action === 'provision' && leader)

/** The loop's word just before each exclusive step: null, or why the step must not be taken. */
function mayContinue(world: World, nowMs: number, intent: ActIntent, id: string): string | null {
  const running = world.actions[intent.service]
  if (running === undefined || running.id !== id) return 'the action is over'
  if (running.aborting) return 'the action was aborted'
  // A follower provisions only what is its own and not shared: no other node can have that.
  if (intent.action === 'provision' && !intent.leader) return null
  if (ownInstance(world, intent.service)?.place.kind !== 'held') return 'this node does not hold the service'
  if (intent.action !== 'stop' && !hasLease(world, nowMs)) return `no lease: ${leaseWords(world)}`
  return null
}
