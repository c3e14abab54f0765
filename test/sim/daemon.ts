import { decide, houseWakes } from '../../src/core/decide/index.js'
import type { Event } from '../../src/core/event.js'
import type { RegisterWrite } from '../../src/core/register.js'
import { reduce } from '../../src/core/reduce/index.js'
import { Agent, type Core } from '../../src/daemon/agent/agent.js'
import { birth } from '../../src/daemon/agent/birth.js'
import { Logbook } from '../../src/daemon/agent/logbook.js'
import { Peering } from '../../src/daemon/agent/peering.js'
import type { Clock, LogEntry, Rng } from '../../src/daemon/ports.js'
import type { Buggify } from './buggify.js'
import { storedCluster } from './configuring.js'
import { mortalClock, mortalStore, type Life } from './life.js'
import type { Daemon, Machine } from './machine.js'
import { configOf, type ClusterOptions } from './options.js'
import { memoryOf } from './remembering.js'

export interface DaemonPorts {
  readonly machine: Machine
  readonly options: ClusterOptions
  readonly rng: Rng
  readonly log: (entry: LogEntry) => void
  readonly buggify: Buggify
  readonly die: () => void
  /** A change was answered with success. */
  readonly accepted: (writes: readonly RegisterWrite[]) => void
}

/** Of a machine that has nothing to do. */
export const idleLoad = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }

export const bootIdOf = ({ name, bootCount }: Machine): string => `${name}-${bootCount}`

/** An agent as the product builds it, on a machine's store and clock. It is not begun yet. */
export function newDaemon({ machine, options, rng, log, buggify, die, accepted }: DaemonPorts): Daemon {
  const { name } = machine
  const life: Life = { phase: 'beginning' }
  const store = mortalStore(machine.store, { life, buggify, die })
  const clock = mortalClock(clockOf(machine, options), { life, buggify, die })
  const sys = {
    hostname: name,
    machineId: name,
    bootId: bootIdOf(machine),
    load: () => Promise.resolve(idleLoad),
  }
  const { born, forgets } = options
  const kept =
    forgets === undefined ? store : { ...store, get: (key: string) => (forgets(key) ? null : store.get(key)) }
  const world = birth({
    store: kept,
    kept: memoryOf(kept),
    clock,
    sys,
    self: name,
    cluster: storedCluster(kept.get('register/cluster/cluster')) ?? configOf(options),
    load: idleLoad,
    version: 'sim',
    leaseEndsMs: machine.protection?.endsMs ?? null,
  })
  const agent = new Agent(born === undefined ? world : born(world), { clock, rng, store }, coreOf(options))
  mishear(agent, clock, options)
  const write = agent.write.bind(agent)
  agent.write = (writes) => {
    const written = write(writes)
    // Who asked a daemon that has died of it got no answer.
    if (written.ok && life.phase !== 'over') accepted(writes)
    return written
  }
  const keep = (): { ageMs: number; lines: number } => ({ ageMs: 1e12, lines: 1e9 })
  const logbook = new Logbook({
    node: name,
    clock,
    store,
    log: { write: log },
    publish: () => undefined,
    keep,
  })
  const peering = new Peering({ agent, clock, logbook })
  const peers = [...options.nodes, ...(options.witnesses ?? [])].filter((peer) => peer !== name)
  const paths = peers.map((peer) => ({ id: [name, peer].sort().join('>'), peer, address: peer }))
  return { life, agent, store, clock, peering, paths, aborted: new Set(), ends: new Map() }
}

function clockOf({ clock }: Machine, { wallClock = false }: ClusterOptions): Clock {
  if (!wallClock) return clock
  return {
    nowMs: () => clock.wallMs(),
    wallMs: () => clock.wallMs(),
    at: (atMs, callback) => clock.after(Math.max(atMs - clock.wallMs(), 1), callback),
  }
}

function mishear(agent: Agent, clock: Clock, { hears }: ClusterOptions): void {
  if (hears === undefined) return
  const put = agent.put.bind(agent)
  agent.put = (event: Event) => put(hears(event, clock.nowMs(), agent.world))
}

/** A broken rule may wake at other dates: what decides by one is asked at each of its own. */
const coreOf = (o: ClusterOptions): Core => ({
  reduce: o.reduce ?? reduce,
  decide: o.decide ?? decide,
  houseWakes: o.decide === undefined ? houseWakes : ({ nowMs }) => [nowMs],
})
