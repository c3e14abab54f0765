import type { ClusterConfig } from '../../src/core/cluster.js'
import { decide } from '../../src/core/decide/index.js'
import type { Intent } from '../../src/core/intent.js'
import { askLocal } from '../../src/core/request/local.js'
import { askNode, type NodeAsk } from '../../src/core/request/node.js'
import { askTarget, type TargetAction } from '../../src/core/request/target.js'
import type { Service } from '../../src/core/service.js'
import type { Order, World } from '../../src/core/world.js'
import { Agent } from '../../src/daemon/agent/agent.js'
import { birth } from '../../src/daemon/agent/birth.js'
import { Logbook } from '../../src/daemon/agent/logbook.js'
import { Peering } from '../../src/daemon/agent/peering.js'
import type { LogEntry, PeerLinks } from '../../src/daemon/ports.js'
import { Chance } from './chance.js'
import { lookAt, type Daemon, type Machine } from './machine.js'
import { memoryStore } from './memory-store.js'
import { Network } from './network.js'
import { VirtualClock } from './virtual-clock.js'
import { Work, type Ailment } from './work.js'

export interface ClusterOptions {
  readonly nodes: readonly string[]
  readonly services: readonly Service[]
  readonly seed?: number
  readonly timeoutMs?: number
  readonly rejoinGraceMs?: number
  /** What decides: the agent's own rules, or a broken version of them, to see that it is caught. */
  readonly decide?: typeof decide
}

/** Told of what happens, as it happens. */
export interface Watcher {
  /** A service's exclusive resources became active on a machine. */
  activated?(service: string, machine: string): void
  /** A daemon wants something, in this world. */
  intends?(machine: string, intent: Intent, world: World): void
  /** A cut, a heal, a daemon that comes or goes. */
  changed?(): void
}

/** Whole agents in one process, on virtual time, with resources that are only remembered. */
export class Cluster {
  readonly clock = new VirtualClock()
  readonly machines = new Map<string, Machine>()
  readonly log: LogEntry[] = []
  readonly watchers: Watcher[] = []
  readonly network: Network
  /** What is wrong with a service on a machine: `service@node`. */
  readonly ailments = new Map<string, Ailment>()
  private readonly chance: Chance
  private readonly work: Work
  private ids = 0

  constructor(readonly options: ClusterOptions) {
    this.chance = new Chance(options.seed ?? 1)
    this.network = new Network(this.clock, this.chance.fork(), () => this.tellChanged())
    this.work = new Work(this.clock, this.ailments, (service, machine) =>
      this.watchers.forEach((watcher) => watcher.activated?.(service, machine)),
    )
    for (const name of options.nodes) {
      const store = memoryStore()
      const sets = { active: new Set<string>(), half: new Set<string>() }
      this.machines.set(name, { name, store, powered: true, bootCount: 1, ...sets, daemon: null })
    }
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

  /** Where it is active. */
  up(service: string): readonly string[] {
    return [...this.machines.values()].filter((m) => m.active.has(service)).map((m) => m.name)
  }

  begin(): void {
    for (const name of this.machines.keys()) this.startDaemon(name)
  }

  /** Boots the machine, where it is off. */
  startDaemon(name: string): void {
    const machine = this.machine(name)
    if (machine.daemon !== null) return
    machine.powered = true
    const daemon = this.newDaemon(machine)
    const { agent, peering, paths } = daemon
    machine.daemon = daemon
    agent.follow(peering)
    agent.begin((intent, id) => this.carryOut(machine, daemon, intent, id))
    const { services } = this.options
    for (const service of services)
      agent.put({ kind: 'configured', name: service.name, service, problem: null })
    agent.put({ kind: 'probed', probes: services.map((service) => lookAt(machine, service)) })
    agent.put({ kind: 'probing ended' })
    peering.begin(this.linksOf(name))
    for (const path of paths) {
      peering.onUp(path)
      this.machine(path.peer).daemon?.peering.onUp({ ...path, peer: name })
    }
    this.tellChanged()
  }

  /** The daemon is gone at once; what it ran stays. */
  killDaemon(name: string): void {
    const machine = this.machine(name)
    machine.daemon?.peering.stop()
    machine.daemon?.agent.stop()
    machine.daemon = null
    this.tellChanged()
  }

  /** The daemon says goodbye and ends; what it ran stays. */
  stopDaemon(name: string): void {
    const { daemon } = this.machine(name)
    if (daemon === null) return
    const { agent } = daemon
    agent.put({ kind: 'leaving' })
    const own = Object.values(agent.world.documents[name]?.instances ?? {})
    const holds = own.some(({ place }) => place.kind === 'held')
    agent.put({ kind: 'node state', state: holds ? 'maintenance' : 'left' })
    this.clock.after(100, () => {
      if (this.machine(name).daemon === daemon) this.killDaemon(name)
    })
  }

  /** Power is lost. */
  crash(name: string): void {
    this.killDaemon(name)
    const machine = this.machine(name)
    machine.powered = false
    machine.active.clear()
    machine.half.clear()
    machine.bootCount += 1
  }

  isolate(name: string): void {
    for (const other of this.machines.keys()) if (other !== name) this.network.cut(name, other)
  }

  /** A resource goes down by itself, and the daemon sees it. */
  lose(name: string, service: string): void {
    const machine = this.machine(name)
    const agent = machine.daemon?.agent
    if (agent === undefined || agent.world.actions[service] !== undefined) return
    machine.active.delete(service)
    agent.put({ kind: 'probed', probes: this.options.services.map((one) => lookAt(machine, one)) })
  }

  /** An operator's ask; the answer is the sentence they read. */
  ask(name: string, service: string, action: TargetAction, node: string | null = null): string {
    const agent = this.machine(name).daemon?.agent
    if (agent === undefined) return `${name} has no daemon`
    const id = `ask-${(this.ids += 1)}`
    const granted = askTarget(agent.world, { service, action, node, timeMs: null, author: 'test', id })
    if (!granted.ok) return granted.error.message
    agent.write(granted.value.writes)
    return granted.value.message
  }

  /** An operator's local action. */
  order(name: string, service: string, action: Order['action']): string {
    const agent = this.machine(name).daemon?.agent
    if (agent === undefined) return `${name} has no daemon`
    const selection = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }
    const order = askLocal(agent.world, service, { id: `order-${(this.ids += 1)}`, action, selection })
    if (!order.ok) return order.error.message
    agent.put({ kind: 'ordered', service, order: order.value })
    return 'ordered'
  }

  askNode(name: string, action: NodeAsk['action'], node: string): string {
    const agent = this.machine(name).daemon?.agent
    if (agent === undefined) return `${name} has no daemon`
    const id = (): string => `ask-${(this.ids += 1)}`
    const granted = askNode(agent.world, { action, node, author: 'test', id })
    if (!granted.ok) return granted.error.message
    agent.write(granted.value.writes)
    return granted.value.message
  }

  private newDaemon({ name, store, bootCount }: Machine): Daemon {
    const { clock } = this
    const load = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }
    const sys = {
      hostname: name,
      machineId: name,
      bootId: `${name}-${bootCount}`,
      load: () => Promise.resolve(load),
    }
    const world = birth({
      store,
      clock,
      sys,
      self: name,
      cluster: this.config(),
      load,
      version: 'sim',
      leaseEndsMs: null,
    })
    const agent = new Agent(world, { clock, rng: this.rng(), store }, this.options.decide)
    const log = { write: (entry: LogEntry) => void this.log.push(entry) }
    const keep = (): { ageMs: number; lines: number } => ({ ageMs: 1e12, lines: 1e9 })
    const logbook = new Logbook({ node: name, clock, store, log, publish: () => undefined, keep })
    const peering = new Peering({ agent, clock, logbook })
    const paths = this.options.nodes
      .filter((peer) => peer !== name)
      .map((peer) => ({ id: [name, peer].sort().join('>'), peer, address: peer }))
    return { agent, peering, paths, aborted: new Set() }
  }

  private carryOut(machine: Machine, daemon: Daemon, intent: Intent, id: string): void {
    const { agent } = daemon
    this.watchers.forEach((watcher) => watcher.intends?.(machine.name, intent, agent.world))
    if (intent.do === 'check addresses') this.checkAddresses(machine, agent, intent.service, intent.claim)
    if (intent.do === 'abort') daemon.aborted.add(intent.id)
    if (intent.do === 'reboot') this.crash(machine.name)
    const service = intent.do === 'act' ? agent.world.services[intent.service]?.service : undefined
    if (intent.do === 'act' && service !== undefined) this.work.act({ machine, daemon, service, intent, id })
  }

  /** An address answers wherever the service is active and the network carries the question. */
  private checkAddresses(machine: Machine, agent: Agent, service: string, claim: number): void {
    this.clock.after(300, () => {
      const answering = this.up(service).find(
        (n) => n !== machine.name && this.network.joined(n, machine.name),
      )
      const result = answering === undefined ? ('silent' as const) : ('answered' as const)
      const detail = answering === undefined ? 'nobody answers' : `${answering} answers for the address`
      agent.put({ kind: 'addresses checked', service, claim, result, detail })
    })
  }

  private linksOf(from: string): PeerLinks {
    return {
      send: (path, text) => {
        const to = path.split('>').find((end) => end !== from) ?? ''
        this.network.deliver(from, to, /"kind":"(\w+)"/.exec(text)?.[1] ?? '', () =>
          this.machine(to).daemon?.peering.onMessage({ id: path, peer: from, address: from }, text),
        )
        return true
      },
      drop: () => undefined,
      close: () => undefined,
    }
  }

  private rng(): { random: () => number; id: () => string } {
    const chance = this.chance.fork()
    return { random: () => chance.next(), id: () => `id-${(this.ids += 1)}` }
  }

  private tellChanged(): void {
    this.watchers.forEach((watcher) => watcher.changed?.())
  }

  private config(): ClusterConfig {
    const { nodes, timeoutMs = 5000, rejoinGraceMs = 30_000 } = this.options
    return {
      name: 'sim',
      id: 'sim',
      nodes: nodes.map((name) => ({ name, addresses: [name] })),
      port: 1215,
      quorum: false,
      witnesses: [],
      selfFence: 'stop',
      stopMaxMs: 2300,
      heartbeat: { profile: 'default', intervalMs: 500, timeoutMs, leaseMs: timeoutMs / 2 },
      rejoinGraceMs,
      claimLifeMs: 2.2 * timeoutMs,
      maxParallel: 10,
      statusIntervalMs: 60_000,
      targetTimeoutMs: 300_000,
      logMaxAgeMs: 1e12,
      logMaxLines: 1e6,
      hooks: [],
    }
  }
}
