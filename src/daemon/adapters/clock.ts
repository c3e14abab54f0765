import { uptime } from 'node:os'
import type { Cancel, Clock } from '../ports.js'

/** Below this the two clocks differ by rounding alone: the kernel tells the uptime in hundredths of a second. */
const ROUNDING_MS = 100

/** Node's own limit of a timer, 2^31 - 1 milliseconds. */
const LONGEST_TIMER_MS = 0x7fffffff

/**
 * The machine's clocks. `nowMs` counts from boot and goes on counting through a suspend (as CLOCK_BOOTTIME does), so values of two
 * processes within one boot can be compared.
 */
export function systemClock(): Clock {
  let suspendedMs = 0

  function nowMs(): number {
    const runningMs = Number(process.hrtime.bigint() / 1000n) / 1000
    const aheadMs = uptime() * 1000 - runningMs
    if (aheadMs > suspendedMs + ROUNDING_MS) suspendedMs = aheadMs
    return runningMs + suspendedMs
  }

  function at(atMs: number, callback: () => void): Cancel {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const waitMs = Math.ceil(atMs - nowMs())
      // Node's timers round down: one that comes too early is set again.
      timer = setTimeout(
        () => (nowMs() < atMs ? arm() : callback()),
        Math.min(Math.max(waitMs, 0), LONGEST_TIMER_MS),
      )
    }
    arm()
    return () => clearTimeout(timer)
  }

  return { nowMs, wallMs: () => Date.now(), at }
}
