import type { Clock } from '../ports.js'

/** A burst of work is over long before: while one goes on, collecting would only get in its way. */
const everyMs = 10_000
/** Less is not worth the pause, some 30 ms for 200 services. */
const worthBytes = 4 << 20

/**
 * Gives back, as long as the process lives, what bursts of work left on the heap. V8 by itself waits until as much again was allocated, which
 * an idle daemon takes hours for. Nothing happens where the process was started without `--expose-gc`, as the first line of `main.ts` starts it.
 */
export function returnMemory(clock: Clock): void {
  const collect = globalThis.gc
  if (collect === undefined) return
  let keptBytes = 0
  const look = (): void => {
    if (process.memoryUsage().heapUsed > keptBytes + worthBytes) {
      collect()
      keptBytes = process.memoryUsage().heapUsed
    }
    clock.at(clock.nowMs() + everyMs, look)
  }
  look()
}
