import type { ClusterConfig } from './cluster.js'

/** Upper bound of how much two clocks of a cluster differ in rate, as a share. Crystals stay below 200 ppm. */
export const drift = 0.01
/** From the end of a watchdog's period to the reset of the machine, in milliseconds. */
export const resetLatencyMs = 100

/**
 * How long after the end of a lease a watchdog is still fed while anything is held, in milliseconds. One that is not fed any more resets the machine within its
 * period: that must be over before any voter may take the node for dead, on clocks that drift apart. `timeoutMs`: the soonest that one may.
 */
export function watchdogGraceMs(
  { heartbeat, watchdog }: Pick<ClusterConfig, 'heartbeat' | 'watchdog'>,
  timeoutMs = heartbeat.timeoutMs,
): number {
  const dead = Math.floor(timeoutMs * (1 - 2 * drift))
  return dead - watchdog.periodMs - resetLatencyMs - heartbeat.leaseMs
}
