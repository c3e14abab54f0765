import { uptime } from 'node:os'
import type { Cancel, Clock } from '../ports.js'

/** Below this the two clocks differ by rounding alone: the kernel tells the uptime in hundredths of a second. */
const ROUNDING_MS = 100

/** So long the last look for a suspend holds: one may come between any look and what follows from it anyway, and each reads a file. */
const LOOK_HOLDS_MS = 1

/** Node's own limit of a timer, 2^31 - 1 milliseconds. */
const LONGEST_TIMER_MS = 0x7fffffff

/**
 * The machine's clocks. `nowMs` counts from boot and goes on counting through a suspend (as CLOCK_BOOTTIME does), so values of two
 * processes within one boot can be compared.
 */
export function systemClock(): Clock {
  let suspendedMs = 0
  let lookedAtMs = -Infinity

  function nowMs(): number {
    const runningMs = Number(process.hrtime.bigint() / 1000n) / 1000
    if (runningMs - lookedAtMs < LOOK_HOLDS_MS) return runningMs + suspendedMs
    lookedAtMs = runningMs
    const aheadMs = uptime() * 1000 - runningMs
    if (aheadMs > suspendedMs + ROUNDING_MS) suspendedMs = aheadMs
    return runningMs + suspendedMs
  }

  function at(atMs: number, callback: () => void): Cancel {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      // Node's timers count from the beginning of the loop's turn and round down: one that comes too early all the same is set again.
      const waitMs = Math.ceil(atMs - nowMs()) + 1
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
