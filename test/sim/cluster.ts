import { askLocal } from '../../src/core/request/local.js'
import { askNode, type NodeAsk } from '../../src/core/request/node.js'
import { askTarget, type TargetAction } from '../../src/core/request/target.js'
import type { Order, World } from '../../src/core/world.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import { farewellOver, sayFarewell } from '../../src/daemon/agent/farewell.js'
import type { Peering } from '../../src/daemon/agent/peering.js'
import { PROTOCOLS } from '../../src/daemon/peers/wire.js'
import type { LogEntry } from '../../src/daemon/ports.js'
import { Ailments } from './ailments.js'
import { Buggify, type Point } from './buggify.js'
import { carryOut } from './carry-out.js'
import { Chance } from './chance.js'
import { Configuring, servicesIn, textOf } from './configuring.js'
import { bootIdOf, newDaemon } from './daemon.js'
import { linksOf } from './links.js'
import { lookAt, type Daemon, type Machine } from './machine.js'
import { Network } from './network.js'
import { newMachine } from './new-machine.js'
import { maxDrift, type ClusterOptions } from './options.js'
import { VirtualClock } from './virtual-clock.js'
import type { Watcher } from './watcher.js'
import { Work, type Ailment } from './work.js'

export type { ClusterOptions } from './options.js'
export type { Watcher } from './watcher.js'

/** Whole agents in one process, on virtual time, with resources that are only remembered. */
export class Cluster {
  readonly clock = new VirtualClock()
  readonly machines = new Map<string, Machine>()
  readonly log: LogEntry[] = []
  readonly watchers: Watcher[] = []
  readonly network: Network
  readonly ailments = new Ailments(() => this.clock.nowMs())
  private readonly chance: Chance
  private readonly work: Work
  private readonly buggify: Buggify
  private ids = 0
  /** The cluster's own configuration is, or was, another than at the beginning. */
  wasReconfigured = false
  /** Quorum is, or was, switched off where it was on at the beginning. */
  wasUnprotected = false
  /** When an operator last asked for anything. */
  askedMs = Number.NEGATIVE_INFINITY

  constructor(readonly options: ClusterOptions) {
    this.chance = new Chance(options.seed ?? 1)
    this.network = new Network(this.clock, this.chance.fork(), () => this.tellChanged())
    if (options.quorum === true) this.network.lostInARow = Number.POSITIVE_INFINITY
    this.buggify = buggifyOf(options, (point) =>
      this.watchers.forEach((watcher) => watcher.misbehaved?.(point)),
    )
    this.work = new Work({
      chance: this.chance.fork(),
      buggify: this.buggify,
      ailments: this.ailments,
      activated: (...about) => this.watchers.forEach((watcher) => watcher.activated?.(...about)),
      gentle: options.gentle ?? false,
      unasked: options.unasked ?? false,
    })
    for (const name of [...options.nodes, ...(options.witnesses ?? [])])
      this.machines.set(name, this.newMachine(name))
  }

  machine(name: string): Machine {
    const machine = this.machines.get(name)
    if (machine === undefined) throw new Error(`no machine ${name}`)
    return machine
  }

  world(name: string): World {
    const { daemon } = this.machine(name)
    if (daemon === null) throw new Error(`${name} has no daemon`)
    return daemon.agent.world
  }

  /** All but those that were never let in, or have left. */
  get members(): readonly string[] {
    return [...this.machines.values()].filter(({ member }) => member).map(({ name }) => name)
  }

  /** Where it is active. */
  up(service: string): readonly string[] {
    return [...this.machines.values()].filter((m) => m.active.has(service)).map((m) => m.name)
  }

  begin(): void {
    for (const name of this.machines.keys()) this.startDaemon(name)
  }

  /** Boots the machine, where it is off. Without room on its disk a daemon does not start. */
  startDaemon(name: string): void {
    const machine = this.machine(name)
    if (machine.daemon !== null || !machine.member) return
    if (!machine.powered) machine.clock.boot(this.rate())
    machine.powered = true
    if (machine.store.refuses || machine.clock.isPaused) return
    const daemon = this.newDaemon(machine)
    const { agent, peering, paths } = daemon
    machine.daemon = daemon
    agent.follow(peering)
    const { work, chance, buggify, network, options } = this
    agent.begin((intent, id) =>
      carryOut({ cluster: this, work, chance, buggify }, machine, daemon, intent, id),
    )
    machine.protection?.arm()
    const services = servicesIn(agent.world, this.options.services)
    for (const service of services)
      agent.put({ kind: 'configured', name: service.name, service, problem: null })
    // The guard hears of each lease as it begins.
    const learn = (): void => machine.protection?.learn()
    agent.follow({ turned: learn, extended: learn })
    agent.follow({ turned: () => this.watchers.forEach((watcher) => watcher.turned?.(name)) })
    agent.follow(new Configuring(daemon, this.options.services, () => this.look(machine)))
    const known = Object.values(agent.world.services)
    agent.put({ kind: 'probed', probes: known.map(({ service }) => lookAt(machine, service)) })
    agent.put({ kind: 'probing ended' })
    const { says } = options
    const links = linksOf({ from: name, network, buggify, machine: (peer) => this.machine(peer), says })
    farewellOver(machine.store)
    peering.begin(links, null)
    for (const path of paths) {
      peering.onUp(path, PROTOCOLS.max)
      const other = this.machine(path.peer)
      other.clock.whenRunning(() => other.daemon?.peering.onUp({ ...path, peer: name }, PROTOCOLS.max))
    }
    daemon.life.phase = 'running'
    this.tellChanged()
  }

  /** The daemon is gone at once; what it ran stays. */
  killDaemon(name: string): void {
    const machine = this.machine(name)
    const { daemon } = machine
    machine.protection?.disturb()
    if (daemon !== null) daemon.life.phase = 'over'
    daemon?.peering.stop()
    daemon?.agent.stop()
    machine.daemon = null
    this.tellChanged()
  }

  /** The daemon says goodbye and ends; what it ran stays, unguarded where a majority knows that its silence means nothing. */
  stopDaemon(name: string): void {
    if (!this.machine(name).clock.isPaused) this.sayFarewell(name, () => undefined)
  }

  /** `then`: when the daemon has ended of it. */
  sayFarewell(name: string, then: () => void): void {
    const machine = this.machine(name)
    const { daemon } = machine
    if (daemon === null) return
    const { agent, store, clock } = daemon
    const peering = this.options.presumes === true ? presuming(agent) : daemon.peering
    sayFarewell({ agent, peering, store, clock, sys: { bootId: bootIdOf(machine) } }, (how) => {
      if (machine.daemon !== daemon) return
      this.killDaemon(name)
      if (how !== 'unheard') machine.protection?.disarm()
      then()
    })
  }

  /** Power is lost. */
  crash(name: string): void {
    const machine = this.machine(name)
    machine.powered = false
    this.killDaemon(name)
    machine.protection?.disarm()
    machine.clock.boot(1)
    machine.active.clear()
    machine.half.clear()
    machine.bootCount += 1
  }

  /** Everything on the machine stands still, its containers stay where they are. */
  pause(name: string): void {
    const machine = this.machine(name)
    if (!machine.powered) return
    machine.protection?.disturb()
    machine.clock.pause()
  }

  resume(name: string): void {
    const machine = this.machine(name)
    machine.protection?.disturb()
    machine.resumedMs = this.clock.nowMs()
    machine.clock.resume()
  }

  /** Nothing more can be written, or everything again. */
  fillDisk(name: string, full: boolean): void {
    const machine = this.machine(name)
    machine.protection?.disturb()
    machine.store.refuses = full
  }

  /** What is wrong with a service on a machine from now on; null for nothing. */
  ail(name: string, service: string, ailment: Ailment | null): void {
    this.machine(name).protection?.disturb()
    if (ailment === null) this.ailments.delete(`${service}@${name}`)
    else this.ailments.set(`${service}@${name}`, ailment)
    const { warns } = this.machine(name)
    if (ailment === 'warn') warns.add(service)
    else if (!warns.delete(service)) return
    this.look(this.machine(name))
  }

  /** Network and disks, what daemons stand on and what ails services: all is well from now on. */
  heal(): void {
    this.network.heal()
    this.ailments.clear()
    this.buggify.end()
    for (const { name, clock } of this.machines.values()) {
      this.fillDisk(name, false)
      if (clock.isPaused) this.resume(name)
    }
  }

  isolate(name: string): void {
    for (const other of this.machines.keys()) if (other !== name) this.network.cut(name, other)
  }

  /** A resource goes down by itself, and the daemon sees it. */
  lose(name: string, service: string): void {
    const machine = this.machine(name)
    const agent = machine.daemon?.agent
    if (agent === undefined || machine.clock.isPaused || agent.world.actions[service] !== undefined) return
    machine.active.delete(service)
    this.look(machine)
  }

  private look(machine: Machine): void {
    const agent = machine.daemon?.agent
    if (agent === undefined) return
    const services = servicesIn(agent.world, this.options.services)
    agent.put({ kind: 'probed', probes: services.map((one) => lookAt(machine, one)) })
  }

  /** An operator's ask; the answer is the sentence they read. */
  ask(name: string, service: string, action: TargetAction, node: string | null = null): string {
    const agent = this.agentOn(name)
    if (agent === null) return `${name} has no daemon`
    const id = `ask-${(this.ids += 1)}`
    const granted = askTarget(agent.world, { service, action, node, timeMs: null, author: 'test', id })
    if (!granted.ok) return granted.error.message
    this.askedMs = this.clock.nowMs()
    const written = agent.write(granted.value.writes)
    return written.ok ? granted.value.message : written.error.message
  }

  /** An operator's local action; `rids`: of these resources alone. */
  order(name: string, service: string, action: Order['action'], rids: readonly string[] = []): string {
    const agent = this.agentOn(name)
    if (agent === null) return `${name} has no daemon`
    const selection = { rids, tags: [], subsets: [], upto: null, downto: null, force: false }
    const order = askLocal(agent.world, service, { id: `order-${(this.ids += 1)}`, action, selection })
    if (!order.ok) return order.error.message
    agent.put({ kind: 'ordered', service, order: order.value })
    return 'ordered'
  }

  askNode(name: string, action: NodeAsk['action'], node: string): string {
    const agent = this.agentOn(name)
    if (agent === null) return `${name} has no daemon`
    const id = (): string => `ask-${(this.ids += 1)}`
    const granted = askNode(agent.world, { action, node, author: 'test', id })
    if (!granted.ok) return granted.error.message
    this.askedMs = this.clock.nowMs()
    const written = agent.write(granted.value.writes)
    return written.ok ? granted.value.message : written.error.message
  }

  /** An operator gives a service other members, in this order. */
  configure(name: string, service: string, members: readonly string[]): string {
    const agent = this.agentOn(name)
    const first = this.options.services.find((one) => one.name === service)
    if (agent === null || first === undefined) return `${name} has no daemon`
    const changed = { ...first, nodes: members, version: `${service}-of-${members.join('-')}` }
    const value = { text: textOf(changed), author: 'test' }
    const written = agent.write([{ kind: 'config', name: service, value }])
    return written.ok ? 'configured' : written.error.message
  }

  /** Where it is not up in exactly one place, that is a violation. */
  expectUp(service: string): void {
    const up = this.up(service)
    if (up.length === 1) return
    const what = `${service} is up on ${up.length === 0 ? 'no node' : up.join(' and ')}`
    this.watchers.forEach((watcher) => watcher.violated?.(what))
  }

  /** One that answers. */
  agentOn(name: string): Agent | null {
    const { daemon, clock } = this.machine(name)
    return daemon === null || clock.isPaused ? null : daemon.agent
  }

  private newMachine(name: string): Machine {
    return newMachine({
      name,
      world: this.clock,
      options: this.options,
      hangs: (service) => this.ailments.get(`${service}@${name}`) === 'stop',
      reset: () => this.crash(name),
      look: (machine) => this.look(machine),
      watchers: this.watchers,
    })
  }

  private rate(): number {
    if (this.options.drift !== true) return 1
    return 1 + maxDrift * (2 * this.chance.next() - 1)
  }

  private newDaemon(machine: Machine): Daemon {
    const log = (entry: LogEntry): void => void this.log.push(entry)
    const { options, buggify } = this
    return newDaemon({
      machine,
      options,
      rng: this.rng(),
      log,
      buggify,
      die: () => this.dieAndReturn(machine),
      accepted: (writes) => this.watchers.forEach((watcher) => watcher.accepted?.(machine.name, writes)),
    })
  }

  /** The service manager starts it again. */
  private dieAndReturn(machine: Machine): void {
    const { name, bootCount, clock } = machine
    this.killDaemon(name)
    clock.after(this.chance.between(100, 1500), () => {
      if (machine.bootCount === bootCount && machine.powered) this.startDaemon(name)
    })
  }

  private rng(): { random: () => number; id: () => string } {
    const chance = this.chance.fork()
    return { random: () => chance.next(), id: () => `id-${(this.ids += 1)}` }
  }

  private tellChanged(): void {
    this.watchers.forEach((watcher) => watcher.changed?.())
  }
}

/** Its chances are its own: what it does changes nothing else of a run. */
function buggifyOf({ buggify, seed = 1 }: ClusterOptions, told: (point: Point) => void): Buggify {
  return new Buggify(buggify === true ? { chance: new Chance(seed + 0x5bd1e995), told } : null)
}

/** As if every peer had everything that is known here. */
const presuming = (agent: Agent): Pick<Peering, 'having'> => ({
  get having() {
    const { documents } = agent.world
    return Object.fromEntries(Object.keys(documents).map((peer) => [peer, documents]))
  },
})
