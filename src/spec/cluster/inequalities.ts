import type { ClusterConfig } from '../../core/cluster.js'
import { formatDuration as shown } from '../../core/units.js'
import type { Problem } from '../problem.js'
import type { Structure } from '../structure.js'

/** What must hold between the cluster's values, with the numbers. */
export function inequalities(config: ClusterConfig, structure: Structure): readonly Problem[] {
  return [beats(config), claims(config), port(config), name(config)].flatMap((broken) => {
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

function port(config: ClusterConfig): Broken | null {
  return config.port <= 65_535
    ? null
    : { section: 'listener', key: 'port', what: `65535 or less, not ${config.port}` }
}

function name(config: ClusterConfig): Broken | null {
  if (/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(config.name)) return null
  return { section: 'cluster', key: 'name', what: 'lower case letters, digits, dashes and dots, 63 at most' }
}
