import type { ClusterConfig } from '../../src/core/cluster.js'
import type { FencingAgent } from '../../src/core/fencing.js'
import type { Service } from '../../src/core/service.js'
import { profiles } from '../../src/spec/cluster/profiles.js'
import type { Mutation } from './mutation.js'

export interface ClusterOptions extends Mutation {
  readonly nodes: readonly string[]
  readonly services: readonly Service[]
  readonly seed?: number
  readonly timeoutMs?: number
  readonly rejoinGraceMs?: number
  /** On: leases and votes, with a guard and a watchdog on each machine. */
  readonly quorum?: boolean
  /** They vote and run nothing. */
  readonly witnesses?: readonly string[]
  /** Nodes among them that are no members at first. */
  readonly joiners?: readonly string[]
  /** Each node can be powered off by the others. */
  readonly fencing?: boolean
  /** What daemons stand on misbehaves now and then. */
  readonly buggify?: boolean
  /** Machines' clocks begin at their boot and run at different rates. */
  readonly drift?: boolean
}

/** As the profile says, or with a timeout of `LONG_MS`. */
export type Times = 'usual' | 'long'
export const LONG_MS = 12_000

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
  const { timeoutMs, ...profile } = profiles.default
  const timeout = options.timeoutMs ?? timeoutMs
  const node = (name: string): { name: string; addresses: string[] } => ({ name, addresses: [name] })
  return {
    name: 'sim',
    id: 'sim',
    nodes: nodes.filter((name) => !joiners.includes(name)).map(node),
    port: 1215,
    quorum,
    witnesses: witnesses.map(node),
    selfFence: quorum ? 'watchdog' : 'stop',
    watchdog: { device: '/dev/watchdog', periodMs: profile.watchdogPeriodMs },
    stopMaxMs: options.stopMaxMs ?? profile.stopMaxMs,
    heartbeat: {
      profile: 'default',
      intervalMs: profile.intervalMs,
      timeoutMs: timeout,
      leaseMs: timeout / 2,
    },
    pulsePaths: [],
    rejoinGraceMs,
    claimLifeMs: 2.2 * timeout,
    maxParallel: 10,
    statusIntervalMs: 60_000,
    targetTimeoutMs: 300_000,
    logMaxAgeMs: 1e12,
    logMaxLines: 1e6,
    hooks: [],
    fencing: Object.fromEntries(options.fencing === true ? nodes.map((name) => [name, fenceAgent]) : []),
  }
}
