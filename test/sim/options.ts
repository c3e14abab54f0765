import type { ClusterConfig, Profile } from '../../src/core/cluster.js'
import type { FencingAgent } from '../../src/core/fencing.js'
import type { Service } from '../../src/core/service.js'
import { profiles, type ProfileTimers } from '../../src/spec/cluster/profiles.js'
import type { Mutation } from './mutation.js'

export interface ClusterOptions extends Mutation {
  readonly nodes: readonly string[]
  readonly services: readonly Service[]
  readonly seed?: number
  readonly timeoutMs?: number
  readonly times?: Times
  /** Whose times are the usual ones; absent: `default`. */
  readonly profile?: Profile
  readonly rejoinGraceMs?: number
  /** On: leases and votes, with a guard on each machine. */
  readonly quorum?: boolean
  /** What ends a machine on which a stop does not work; absent: its watchdog. */
  readonly selfFence?: SelfFence
  /** They vote and run nothing. */
  readonly witnesses?: readonly string[]
  /** Nodes among them that are no members at first. */
  readonly joiners?: readonly string[]
  /** Each node can be powered off by the others. */
  readonly fencing?: boolean
  /** How many actions a node does at a time. */
  readonly maxParallel?: number
  /** What daemons stand on misbehaves now and then. */
  readonly buggify?: boolean
  /** Machines' clocks begin at their boot and run at different rates. */
  readonly drift?: boolean
}

export type SelfFence = ClusterConfig['selfFence']

/** As the profile says, or longer ones. */
export type Times = 'usual' | 'long'
const long: ProfileTimers = {
  intervalMs: 500,
  leaseMs: 6000,
  timeoutMs: 12_000,
  stopMaxMs: 5000,
  watchdogPeriodMs: 5000,
}

/** The largest share by which a clock is fast or slow: what the inequalities between the cluster's times allow for. */
export const maxDrift = 0.01

const fenceAgent: FencingAgent = {
  agent: 'fence_sim',
  options: [],
  timeoutMs: 20_000,
  retries: 0,
  delayMs: 0,
  powerOn: true,
}

/** As it is at first. */
export function configOf(options: ClusterOptions): ClusterConfig {
  const { nodes, witnesses = [], joiners = [], quorum = false, rejoinGraceMs = 30_000 } = options
  const timers = timersOf(options)
  const node = (name: string): { name: string; addresses: string[] } => ({ name, addresses: [name] })
  return {
    name: 'sim',
    id: 'sim',
    nodes: nodes.filter((name) => !joiners.includes(name)).map(node),
    port: 1215,
    quorum,
    witnesses: witnesses.map(node),
    selfFence: selfFenceOf(options),
    watchdog: { device: '/dev/watchdog', periodMs: timers.watchdogPeriodMs },
    stopMaxMs: timers.stopMaxMs,
    heartbeat: {
      profile: options.profile ?? 'default',
      intervalMs: timers.intervalMs,
      timeoutMs: timers.timeoutMs,
      leaseMs: timers.leaseMs,
    },
    pulsePaths: [],
    rejoinGraceMs,
    claimLifeMs: 2.2 * timers.timeoutMs,
    maxParallel: options.maxParallel ?? 10,
    statusIntervalMs: 60_000,
    targetTimeoutMs: 300_000,
    logMaxAgeMs: 1e12,
    logMaxLines: 1e6,
    hooks: [],
    fencing: Object.fromEntries(options.fencing === true ? nodes.map((name) => [name, fenceAgent]) : []),
  }
}

export const selfFenceOf = ({ quorum, selfFence = 'watchdog' }: ClusterOptions): SelfFence =>
  quorum === true ? selfFence : 'stop'

function timersOf({ times, timeoutMs, profile = 'default', timers }: ClusterOptions): ProfileTimers {
  const usual =
    timeoutMs === undefined ? profiles[profile] : { ...profiles.default, timeoutMs, leaseMs: timeoutMs / 2 }
  return { ...(times === 'long' ? long : usual), ...timers }
}
