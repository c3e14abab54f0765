import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { LoopDelay } from '../ports.js'

/**
 * A timer of this length is what delay is measured by: a stall that is longer is always seen, at least but for that length. A hundred wakes a second, at
 * the customary 10 ms, would cost an idle daemon more than all its beats.
 */
const RESOLUTION_MS = 200

/** How much later than due the event loop gets to its timers. */
export function systemLoopDelay(): LoopDelay {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  monitor.enable()
  return {
    take: () => {
      const taken = { p99Ms: beyond(monitor.percentile(99)), maxMs: beyond(monitor.max) }
      monitor.reset()
      return taken
    },
  }
}

/** The monitor counts its own timer in, in nanoseconds. */
const beyond = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS)
