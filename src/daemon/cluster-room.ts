import type { ClusterConfig } from '../core/cluster.js'
import type { Load } from '../core/document.js'
import type { Result } from '../core/result.js'
import type { Registry } from '../resources/registry.js'
import { Known } from '../resources/known.js'
import type { Schema } from '../spec/schema.js'
import { Kernel } from './agent/action/kernel.js'
import type { Node } from './agent/action/view.js'
import { Agent } from './agent/agent.js'
import { birth } from './agent/birth.js'
import { Configuration } from './agent/configuration.js'
import { frozenByDrain, thawDrained } from './agent/drain-freeze.js'
import { drainKey } from './agent/durable.js'
import { Executors } from './agent/executors.js'
import { farewellOver, sayFarewell, type Farewell } from './agent/farewell.js'
import { Guarding } from './agent/guarding.js'
import { HookRunner } from './agent/hooks.js'
import { Logbook } from './agent/logbook.js'
import { LoopWatch } from './agent/loop-watch.js'
import { OrderDesk } from './agent/order-desk.js'
import { OwnGaps } from './agent/own-gaps.js'
import { Peering } from './agent/peering.js'
import { Power } from './agent/power.js'
import { Probing } from './agent/probing.js'
import type { Remembered } from './agent/remembered.js'
import { Telling } from './agent/telling.js'
import { NodeWatch } from './agent/watch/watch-node.js'
import { EventStream } from './api/stream.js'
import type {
  Cancel,
  Clock,
  EngineSocket,
  Exec,
  Files,
  Guard,
  Log,
  LoopDelay,
  PeerLinkEvents,
  PeerLinks,
  PulseLinks,
  Rng,
  Store,
  Sys,
} from './ports.js'

/** The load is measured this often; it is told where it has changed. */
const loadEveryMs = 15_000

const farewellWords: Readonly<Record<Farewell, { readonly level?: 'warn'; readonly message: string }>> = {
  left: { message: 'omd stops, nothing is held' },
  heard: { message: 'omd stops, services stay up' },
  unheard: {
    level: 'warn',
    message:
      'omd stops, and no majority has heard of it: services stay up until the lease is over, then the guard ends them',
  },
}

export interface RoomPorts {
  readonly clock: Clock
  readonly rng: Rng
  readonly exec: Exec
  /** Absent: the container engine is asked by its command. */
  readonly engine?: EngineSocket | undefined
  readonly files: Files
  /** Absent: nothing ends what this node holds when its daemon hangs. */
  readonly guard?: Guard | undefined
  readonly store: Store
  readonly log: Log
  readonly loopDelay: LoopDelay
  readonly sys: Sys
  readonly registry: Registry
  readonly schema: Schema
  readonly etcDir: string
  readonly varDir: string
  readonly runDir: string
  readonly version: string
}

/** Everything that a node which belongs to a cluster runs: the loop and what follows it. */
export class ClusterRoom {
  readonly agent: Agent
  readonly node: Node
  readonly stream: EventStream
  readonly logbook: Logbook
  readonly configuration: Configuration
  readonly orders: OrderDesk
  readonly peering: Peering
  readonly startedWallMs: number
  readonly loopWatch: LoopWatch
  private readonly probing: Probing
  private readonly guarding: Guarding
  private readonly executors: Executors
  private readonly power: Power
  private readonly cancels: Cancel[] = []
  private nextLoad: Cancel | null = null

  constructor(
    readonly ports: RoomPorts,
    private readonly o: {
      readonly cluster: ClusterConfig
      readonly kept: Remembered
      readonly load: Load
      readonly self: string
    },
  ) {
    const { clock, rng, store, log, sys, exec, files, registry, schema, etcDir } = ports
    this.startedWallMs = clock.wallMs()
    const world = birth({
      ...o,
      store,
      clock,
      sys,
      version: ports.version,
      leaseEndsMs: ports.guard?.memory?.leaseEndsMs ?? null,
    })
    const onStoreTrouble = (sentence: string | null): void => this.tellStoreTrouble(sentence)
    this.agent = new Agent(world, { clock, rng, store, onStoreTrouble })
    const { agent } = this
    this.node = {
      name: o.self,
      io: {
        exec,
        files,
        clock,
        known: new Known(clock),
        ...(ports.engine === undefined ? {} : { engine: ports.engine }),
      },
      runDir: ports.runDir,
      varDir: ports.varDir,
      registry,
      kernel: new Kernel(),
    }
    this.stream = new EventStream(clock)
    const publish = this.stream.publish.bind(this.stream)
    const keep = (): { ageMs: number; lines: number } => {
      const { logMaxAgeMs, logMaxLines } = agent.world.cluster
      return { ageMs: logMaxAgeMs, lines: logMaxLines }
    }
    this.logbook = new Logbook({ node: o.self, clock, store, log, publish, keep })
    const { logbook, node } = this
    this.orders = new OrderDesk(clock)
    this.configuration = new Configuration({ agent, node, files, store, clock, logbook, schema, etcDir })
    this.peering = new Peering({ agent, clock, logbook })
    this.loopWatch = this.loopWatched()
    this.probing = new Probing({ agent, node, clock })
    const guard = ports.guard ?? null
    const look = this.look.bind(this)
    this.guarding = new Guarding({ agent, node, clock, logbook, guard, look })
    const { orders, guarding } = this
    this.power = new Power({ exec, clock })
    this.executors = new Executors({ agent, node, logbook, orders, guarding, power: this.power, publish })
  }

  /** `dial` makes the links to the peers, once they can be heard; `pulses` the paths that carry signs of life alone. */
  async begin(dial: (events: PeerLinkEvents) => PeerLinks, pulses: PulseLinks): Promise<void> {
    const { agent, configuration, peering, probing, guarding, executors, logbook, stream, ports } = this
    logbook.write({
      message: `omd ${ports.version} starts (incarnation ${agent.world.documents[agent.world.self]?.incarnation ?? 0})`,
    })
    for (const message of this.o.kept.dropped) logbook.write({ level: 'warn', message })
    const hooks = new HookRunner({ exec: ports.exec, logbook, agent })
    const gaps = new OwnGaps({
      agent,
      node: this.node,
      clock: ports.clock,
      power: this.power,
      guard: ports.guard ?? null,
    })
    this.cancels.push(
      () => hooks.stop(),
      () => gaps.stop(),
    )
    for (const follower of [
      new Telling({ stream, logbook, agent }),
      configuration,
      probing,
      peering,
      // Behind it: what is released has been published.
      guarding,
      hooks,
      gaps,
    ]) {
      agent.follow(follower)
    }
    configuration.takeAll(agent.world)
    guarding.begin()
    agent.begin((intent, id, world) => executors.carryOut(intent, id, world))
    if (frozenByDrain(ports.store, agent.world)) {
      logbook.write({
        message: 'the last daemon did not come to the end of its shutdown: the node is thawed again',
      })
      thawDrained(agent, ports.store.get(drainKey))
    }
    await probing.first()
    farewellOver(ports.store)
    peering.begin(dial(peering), pulses)
    this.cancels.push(this.watchNode())
    configuration.adoptFiles(agent.world)
    this.cancels.push(this.watchFiles())
    this.measureLoad()
    gaps.begin()
    this.loopWatch.begin()
  }

  /** Looks at a service's resources again, soon. */
  look(service: string): void {
    this.probing.want(service)
  }

  /**
   * Leaves the loop. Services stay as they are where a majority has heard so: silence from now on proves nothing. Where none has, they end with the lease,
   * by this daemon or by the guard that it leaves behind.
   */
  async end(): Promise<void> {
    const { agent, peering, logbook, ports } = this
    const said = new Promise<Farewell>((done) => sayFarewell({ ...ports, agent, peering }, done))
    for (const cancel of this.cancels) cancel()
    this.nextLoad?.()
    this.nextLoad = null
    this.probing.stop()
    this.loopWatch.stop()
    const farewell = await said
    logbook.write(farewellWords[farewell])
    peering.stop()
    this.guarding.end(farewell)
    agent.stop()
    this.executors.abortAll()
    await this.configuration.settled()
    logbook.flush()
  }

  /** Has a node powered off, whoever runs there. */
  powerOff(node: string): Promise<Result<string>> {
    return this.executors.powerOff(node)
  }

  private loopWatched(): LoopWatch {
    const { agent, logbook, ports } = this
    const intervalMs = (): number => agent.world.cluster.heartbeat.intervalMs
    return new LoopWatch({ clock: ports.clock, delay: ports.loopDelay, logbook, intervalMs })
  }

  private tellStoreTrouble(sentence: string | null): void {
    this.logbook.write(
      sentence === null
        ? { message: 'the store can be written again: decisions and changes go on' }
        : {
            level: 'error',
            message: `${sentence}; services stay as they are, and nothing that must be remembered is decided or changed until then`,
          },
    )
  }

  private measureLoad(): void {
    const { clock, sys } = this.ports
    this.nextLoad = clock.at(clock.nowMs() + loadEveryMs, () => {
      void sys.load().then((load) => {
        if (this.nextLoad === null) return
        this.agent.put({ kind: 'node seen', seen: { load } })
        this.measureLoad()
      })
    })
  }

  /** Looks again where the node's event streams tell of a change. */
  private watchNode(): Cancel {
    const { agent, probing } = this
    const { exec, clock, registry } = this.ports
    const watch = new NodeWatch({ exec, clock, onChange: (source) => probing.changed(source) }, registry)
    agent.follow(watch)
    watch.begin(agent.world)
    return () => watch.end()
  }

  /** Files edited by hand are taken, or refused with a word in the log. */
  private watchFiles(): Cancel {
    const { files, etcDir } = this.ports
    const onServices = files.watch(`${etcDir}/services.d`, (file) => {
      for (const name of Object.keys(this.agent.world.services))
        if (file === null || file === `${name}.yaml`) this.configuration.editedByHand(name, 'config')
    })
    const onCluster = files.watch(etcDir, (file) => {
      if (file === null || file === 'cluster.yaml') this.configuration.editedByHand('cluster', 'cluster')
    })
    return () => {
      onServices()
      onCluster()
    }
  }
}
