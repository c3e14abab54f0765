import type { ClusterConfig } from '../../core/cluster.js'
import { formatDuration as shown } from '../../core/units.js'
import { drift, resetLatencyMs, watchdogGraceMs } from '../../core/watchdog.js'
import type { Problem } from '../problem.js'
import type { Structure } from '../structure.js'

/** What must hold between the cluster's values, with the numbers. */
export function inequalities(config: ClusterConfig, structure: Structure): readonly Problem[] {
  return [
    beats(config),
    claims(config),
    lease(config),
    stops(config),
    seconds(config),
    resets(config),
    port(config),
    name(config),
  ].flatMap((broken) => {
    if (broken === null) return []
    const { section, key, what } = broken
    const at = structure.sections.get(section)?.get(key)?.valueAt ?? structure.places.get(section) ?? null
    return [{ at, what: `${section}.${key} must be ${what}` }]
  })
}

interface Broken {
  readonly section: string
  readonly key: string
  readonly what: string
}

function beats({ heartbeat: { intervalMs, timeoutMs } }: ClusterConfig): Broken | null {
  if (timeoutMs >= 3 * intervalMs) return null
  const sum = `${shown(timeoutMs)} is less than 3 × ${shown(intervalMs)} = ${shown(intervalMs * 3)}`
  return { section: 'heartbeat', key: 'timeout', what: `at least three times heartbeat.interval: ${sum}` }
}

function claims({ claimLifeMs, heartbeat: { timeoutMs } }: ClusterConfig): Broken | null {
  if (claimLifeMs > 2 * timeoutMs) return null
  const sum = `${shown(claimLifeMs)} is not more than 2 × ${shown(timeoutMs)} = ${shown(timeoutMs * 2)}`
  return { section: 'node', key: 'claim_life', what: `more than twice heartbeat.timeout: ${sum}` }
}

/** Longest time between the end of a lease and the first word of it, in milliseconds. */
const tickMs = 50
/** Round trip between nodes that may be counted on, in milliseconds. */
const roundTripMs = 100

function lease({ quorum, heartbeat: { intervalMs, leaseMs } }: ClusterConfig): Broken | null {
  const least = 3 * intervalMs + roundTripMs
  if (!quorum || leaseMs >= least) return null
  const sum = `${shown(leaseMs)} is less than 3 × ${shown(intervalMs)} + ${shown(roundTripMs)} = ${shown(least)}`
  return {
    section: 'heartbeat',
    key: 'lease',
    what: `at least three times heartbeat.interval and a round trip: ${sum}`,
  }
}

/** A node has stopped everything before anybody may take it for dead, on clocks that drift apart. */
function stops({ quorum, stopMaxMs, heartbeat: { leaseMs, timeoutMs } }: ClusterConfig): Broken | null {
  const stopped = Math.ceil(leaseMs / (1 - drift)) + tickMs + stopMaxMs
  const dead = Math.floor(timeoutMs / (1 + drift))
  if (!quorum || stopped <= dead) return null
  const sum = `lease ${shown(leaseMs)} / 0.99 + ${shown(tickMs)} + stop_max ${shown(stopMaxMs)} = ${shown(stopped)} is more than timeout ${shown(timeoutMs)} / 1.01 = ${shown(dead)}`
  return {
    section: 'heartbeat',
    key: 'timeout',
    what: `long enough for a node without a lease to have stopped everything: ${sum}`,
  }
}

const usesWatchdog = ({ quorum, selfFence }: ClusterConfig): boolean => quorum && selfFence === 'watchdog'

function seconds(config: ClusterConfig): Broken | null {
  const { periodMs } = config.watchdog
  if (!usesWatchdog(config) || periodMs % 1000 === 0) return null
  return { section: 'node', key: 'watchdog_period', what: `whole seconds, not ${shown(periodMs)}` }
}

/** A watchdog that is fed until the end of the lease has reset the node before anybody may take it for dead. */
function resets(config: ClusterConfig): Broken | null {
  const { periodMs } = config.watchdog
  const { leaseMs, timeoutMs } = config.heartbeat
  if (!usesWatchdog(config) || watchdogGraceMs(config) >= 0) return null
  const reset = leaseMs + periodMs + resetLatencyMs
  const dead = Math.floor(timeoutMs * (1 - 2 * drift))
  const sum = `lease ${shown(leaseMs)} + watchdog_period ${shown(periodMs)} + ${shown(resetLatencyMs)} = ${shown(reset)} is more than timeout ${shown(timeoutMs)} × 0.98 = ${shown(dead)}`
  return {
    section: 'node',
    key: 'watchdog_period',
    what: `short enough to have reset a node without a lease before it is taken for dead: ${sum}`,
  }
}

function port(config: ClusterConfig): Broken | null {
  return config.port <= 65_535
    ? null
    : { section: 'listener', key: 'port', what: `65535 or less, not ${config.port}` }
}

function name(config: ClusterConfig): Broken | null {
  if (/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(config.name)) return null
  return { section: 'cluster', key: 'name', what: 'lower case letters, digits, dashes and dots, 63 at most' }
}
