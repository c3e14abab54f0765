import type { Profile } from '../../core/cluster.js'

/** Milliseconds. */
export interface ProfileTimers {
  readonly intervalMs: number
  readonly leaseMs: number
  readonly timeoutMs: number
  readonly stopMaxMs: number
  readonly watchdogPeriodMs: number
}

/** Sets of times that satisfy every inequality between them; but that no watchdog, which counts whole seconds, fits into `fast`. */
export const profiles: Readonly<Record<Profile, ProfileTimers>> = {
  default: { intervalMs: 500, leaseMs: 2500, timeoutMs: 5000, stopMaxMs: 2300, watchdogPeriodMs: 2000 },
  slow: { intervalMs: 1000, leaseMs: 5000, timeoutMs: 12_000, stopMaxMs: 6500, watchdogPeriodMs: 5000 },
  fast: { intervalMs: 150, leaseMs: 600, timeoutMs: 1500, stopMaxMs: 800, watchdogPeriodMs: 1000 },
}
