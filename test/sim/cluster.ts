import type { ClusterConfig } from '../../src/core/cluster.js'
import type { InstanceProbe } from '../../src/core/event.js'
import type { Intent } from '../../src/core/intent.js'
import { askTarget, type TargetAction } from '../../src/core/request/target.js'
import type { Service } from '../../src/core/service.js'
import type { World } from '../../src/core/world.js'
import { Agent } from '../../src/daemon/agent/agent.js'
import { birth } from '../../src/daemon/agent/birth.js'
import { Logbook } from '../../src/daemon/agent/logbook.js'
import { Peering } from '../../src/daemon/agent/peering.js'
import type { LogEntry, PeerLinks, PeerPath, Store } from '../../src/daemon/ports.js'
import { memoryStore } from './memory-store.js'
import { VirtualClock } from './virtual-clock.js'

const delayMs = 2

/** One machine: what runs on it outlives its daemon, not its power. */
export interface Machine {
  readonly name: string
  readonly store: Store
  bootCount: number
  /** Services with their exclusive resources active. */
  readonly active: Set<string>
  daemon: Daemon | null
}

export interface Daemon {
  readonly agent: Agent
  readonly peering: Peering
  readonly paths: readonly PeerPath[]
}

export interface ClusterOptions {
  readonly nodes: readonly string[]
  readonly services: readonly Service[]
  readonly timeoutMs?: number
}

/** Whole agents in one process, on virtual time, with resources that are only remembered. */
export class Cluster {
  readonly clock = new VirtualClock()
  readonly machines = new Map<string, Machine>()
  readonly log: LogEntry[] = []
  /** Pairs that do not hear each other: `a>b`. */
  readonly cut = new Set<string>()
  /** Starts of these services fail on these nodes: `service@node`. */
  readonly failing = new Set<string>()
  /** Moments at which two machines had one service active. */
  readonly duplicates: string[] = []
  private seed = 1

  constructor(readonly options: ClusterOptions) {
    for (const name of options.nodes) {
      this.machines.set(name, { name, store: memoryStore(), bootCount: 1, active: new Set(), daemon: null })
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

  up(service: string): readonly string[] {
    return [...this.machines.values()].filter((m) => m.active.has(service)).map((m) => m.name)
  }

  begin(): void {
    for (const name of this.machines.keys()) this.startDaemon(name)
  }

  startDaemon(name: string): void {
    const machine = this.machine(name)
    const { clock } = this
    const { store } = machine
    const load = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }
    const sys = { hostname: name, machineId: name, bootId: `${name}-${machine.bootCount}`, load: () => Promise.resolve(load) }
    const world = birth({ store, clock, sys, self: name, cluster: this.config(), load, version: 'sim' })
    const agent = new Agent(world, { clock, rng: this.rng(), store })
    const log = { write: (entry: LogEntry) => void this.log.push(entry) }
    const keep = (): { ageMs: number; lines: number } => ({ ageMs: 1e12, lines: 1e9 })
    const logbook = new Logbook({ node: name, clock, store, log, publish: () => undefined, keep })
    const peering = new Peering({ agent, clock, logbook })
    const paths = this.options.nodes
      .filter((peer) => peer !== name)
      .map((peer) => ({ id: `${[name, peer].sort().join('>')}`, peer, address: peer }))
    machine.daemon = { agent, peering, paths }
    agent.follow(peering)
    agent.begin((intent, id) => this.carryOut(machine, agent, intent, id))
    for (const service of this.options.services) {
      agent.put({ kind: 'configured', name: service.name, service, problem: null })
    }
    agent.put({ kind: 'probed', probes: this.options.services.map((s) => this.probe(machine, s)) })
    agent.put({ kind: 'probing ended' })
    peering.begin(this.linksOf(name))
    for (const path of paths) {
      peering.onUp(path)
      const other = this.machine(path.peer).daemon
      other?.peering.onUp({ ...path, peer: name })
    }
  }

  /** The daemon is gone at once; what it ran stays. */
  killDaemon(name: string): void {
    const machine = this.machine(name)
    machine.daemon?.peering.stop()
    machine.daemon?.agent.stop()
    machine.daemon = null
  }

  crash(name: string): void {
    this.killDaemon(name)
    const machine = this.machine(name)
    machine.active.clear()
    machine.bootCount += 1
  }

  isolate(name: string): void {
    for (const other of this.machines.keys()) {
      this.cut.add(`${name}>${other}`)
      this.cut.add(`${other}>${name}`)
    }
  }

  ask(name: string, service: string, action: TargetAction, node: string | null = null): string {
    const { agent } = this.machine(name).daemon as Daemon
    const id = `ask-${(this.seed += 1)}`
    const granted = askTarget(agent.world, { service, action, node, timeMs: null, author: 'test', id })
    if (!granted.ok) return granted.error.message
    agent.write(granted.value.writes)
    return granted.value.message
  }

  private carryOut(machine: Machine, agent: Agent, intent: Intent, id: string): void {
    if (intent.do === 'check addresses') {
      const { service, claim } = intent
      this.clock.at(this.clock.nowMs() + 300, () =>
        agent.put({ kind: 'addresses checked', service, claim, result: 'silent', detail: 'nobody answers' }),
      )
    }
    if (intent.do !== 'act') return
    const service = agent.world.services[intent.service]?.service
    if (service === undefined) return
    this.clock.at(this.clock.nowMs() + 100, () => {
      if (machine.daemon?.agent !== agent) return
      const fails = intent.action !== 'stop' && this.failing.has(`${service.name}@${machine.name}`)
      const follower = intent.action === 'provision' && !intent.leader
      if (!fails && !follower) this.apply(machine, intent.action, service.name)
      const failure = fails ? 'it will not start' : null
      const probe = this.probe(machine, service)
      agent.put({ kind: 'action ended', service: service.name, id, outcome: { ok: !fails, failure, aborted: false, probe } })
    })
  }

  private apply(machine: Machine, action: string, service: string): void {
    if (action === 'start' || action === 'provision' || action === 'restart') machine.active.add(service)
    if (action === 'stop' || action === 'unprovision') machine.active.delete(service)
    const where = this.up(service)
    if (where.length > 1) this.duplicates.push(`${service} on ${where.join(' and ')} at ${this.clock.nowMs()}`)
  }

  private probe(machine: Machine, service: Service): InstanceProbe {
    const active = machine.active.has(service.name)
    const seen = { status: active ? 'up' : 'down', label: 'flag', messages: [], provisioned: null, released: !active } as const
    return { service: service.name, version: service.version, resources: { 'fs#1': seen } }
  }

  private linksOf(from: string): PeerLinks {
    return {
      send: (path, text) => {
        const to = path.split('>').find((end) => end !== from) ?? ''
        if (this.cut.has(`${from}>${to}`)) return true
        this.clock.at(this.clock.nowMs() + delayMs, () => {
          const daemon = this.machine(to).daemon
          daemon?.peering.onMessage({ id: path, peer: from, address: from }, text)
        })
        return true
      },
      close: () => undefined,
    }
  }

  private rng(): { random: () => number; id: () => string } {
    return {
      random: () => {
        this.seed = (this.seed * 48271) % 2147483647
        return this.seed / 2147483647
      },
      id: () => `id-${(this.seed += 1)}`,
    }
  }

  private config(): ClusterConfig {
    const timeoutMs = this.options.timeoutMs ?? 5000
    return {
      name: 'sim',
      id: 'sim',
      nodes: this.options.nodes.map((name) => ({ name, addresses: [name] })),
      port: 1215,
      heartbeat: { intervalMs: 500, timeoutMs },
      rejoinGraceMs: 30_000,
      maintenanceGraceMs: 60_000,
      claimLifeMs: 11_000,
      maxParallel: 10,
      statusIntervalMs: 60_000,
      targetTimeoutMs: 300_000,
      logMaxAgeMs: 1e12,
      logMaxLines: 1e6,
      hooks: [],
    }
  }
}

