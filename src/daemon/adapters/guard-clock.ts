import { uptime } from 'node:os'
import type { Clock } from '../ports.js'

/** The kernel tells CLOCK_BOOTTIME in hundredths of a second, rounded down. */
const uptimeStepMs = 10

/** A date of the daemon's clock on the guard's (CLOCK_BOOTTIME), never later than it is: a lease may end early, and not late. */
export function toGuard(clock: Clock, atMs: number): number {
  const bootMs = uptime() * 1000
  return Math.floor(atMs - clock.nowMs() + bootMs)
}

/** The other way round, never later either. */
export function fromGuard(clock: Clock, bootAtMs: number): number {
  const nowMs = clock.nowMs()
  return bootAtMs - (uptime() * 1000 + uptimeStepMs) + nowMs
}
