import type { InstanceProbe } from '../../core/event.js'
import { localOf } from '../../core/view.js'
import type { World } from '../../core/world.js'
import type { EventSource } from '../../resources/driver.js'
import type { Cancel, Clock } from '../ports.js'
import { probe } from './action/probe.js'
import type { Node } from './action/view.js'
import type { Agent, Follower } from './agent.js'

/** Changes that come close together are looked at together. */
const gatherMs = 20

/**
 * Looks at resources: all of them now and then, those concerned when something on the node changed, and new configurations at once.
 * One look at a time; what is asked for meanwhile is looked at next.
 */
export class Probing implements Follower {
  private readonly wanted = new Set<string>()
  /** Asked for while an action ran: its own looks may have come before what changed. */
  private readonly missed = new Set<string>()
  private looking = false
  private soon: Cancel | null = null
  private later: Cancel | null = null
  private ended = false
  /** Counts actions begun and ended, by service: a look that overlaps one is not believed. */
  private readonly epochs = new Map<string, number>()

  constructor(private readonly o: { readonly agent: Agent; readonly node: Node; readonly clock: Clock }) {}

  /** The first look after a daemon start. */
  async first(): Promise<void> {
    await this.look(Object.keys(this.o.agent.world.services))
    this.o.agent.put({ kind: 'probing ended' })
    this.scheduleAll()
  }

  stop(): void {
    this.ended = true
    this.soon?.()
    this.later?.()
  }

  /** Something changed on the node: services with a resource of such a driver are looked at. */
  changed(source: EventSource): void {
    for (const { service } of Object.values(this.o.agent.world.services)) {
      const concerned = service.resources.some((r) => this.o.node.registry.find(r)?.events.includes(source))
      if (concerned) this.want(service.name)
    }
  }

  turned(before: World, after: World): void {
    for (const name of new Set([...Object.keys(before.actions), ...Object.keys(after.actions)])) {
      if (before.actions[name]?.id === after.actions[name]?.id) continue
      this.epochs.set(name, (this.epochs.get(name) ?? 0) + 1)
      if (after.actions[name] !== undefined) continue
      // Its configuration may have changed meanwhile: what the action saw is of the former one.
      if (this.missed.delete(name) || isOutdated(after, name)) this.want(name)
    }
    if (before.cluster.statusIntervalMs !== after.cluster.statusIntervalMs && this.later !== null) {
      this.later()
      this.scheduleAll()
    }
    if (before.services === after.services) return
    for (const name of Object.keys(after.services)) if (isOutdated(after, name)) this.want(name)
  }

  /** Looks at a service soon. */
  want(service: string): void {
    if (this.ended) return
    this.wanted.add(service)
    this.soon ??= this.o.clock.at(this.o.clock.nowMs() + gatherMs, () => {
      this.soon = null
      void this.lookAtWanted()
    })
  }

  private async lookAtWanted(): Promise<void> {
    if (this.looking || this.ended) return
    this.looking = true
    try {
      while (this.wanted.size > 0) {
        const services = [...this.wanted]
        this.wanted.clear()
        await this.look(services)
      }
    } finally {
      this.looking = false
    }
  }

  private async look(names: readonly string[]): Promise<void> {
    const { agent, node } = this.o
    const world = agent.world
    const known = names.filter((name) => world.services[name] !== undefined)
    const quiet = known.filter((name) => !this.isMissed(name))
    const epochs = new Map(quiet.map((name) => [name, this.epochs.get(name)]))
    const probed = quiet.map((name) => {
      const { service } = world.services[name] as NonNullable<(typeof world.services)[string]>
      return { service, generation: localOf(world, name).generation }
    })
    const probes = await probe(probed, node)
    const isBelieved = ({ service }: InstanceProbe): boolean =>
      epochs.get(service) === this.epochs.get(service)
    const believed = probes.filter(isBelieved)
    if (believed.length > 0) agent.put({ kind: 'probed', probes: believed })
    for (const one of probes) if (!isBelieved(one)) this.want(one.service)
  }

  /** An action is under way: a look follows it. */
  private isMissed(name: string): boolean {
    const busy = this.o.agent.world.actions[name] !== undefined
    if (busy) this.missed.add(name)
    return busy
  }

  private scheduleAll(): void {
    if (this.ended) return
    const { clock, agent } = this.o
    this.later = clock.at(clock.nowMs() + agent.world.cluster.statusIntervalMs, () => {
      for (const name of Object.keys(agent.world.services)) this.want(name)
      this.scheduleAll()
    })
  }
}

/** Was it looked at with another configuration than the one in force? */
const isOutdated = (world: World, service: string): boolean =>
  world.services[service] !== undefined &&
  world.services[service].service.version !== localOf(world, service).probedVersion
