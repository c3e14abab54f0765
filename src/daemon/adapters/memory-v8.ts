import type { Clock } from '../ports.js'

/** A burst of work is over long before: while one goes on, collecting would only get in its way. */
const everyMs = 10_000
/** What a burst leaves: worth the pause, some 30 ms for 200 services, at once. */
const burstBytes = 8 << 20
/** What quiet work leaves is worth it now and then. */
const worthBytes = 4 << 20
const nowAndThenMs = 300_000

/**
 * Gives back, as long as the process lives, what bursts of work left on the heap. V8 by itself waits until as much again was allocated, which
 * an idle daemon takes hours for. Nothing happens where the process was started without `--expose-gc`, as the first line of `main.ts` starts it.
 */
export function returnMemory(clock: Clock): void {
  const collect = globalThis.gc
  if (collect === undefined) return
  let keptBytes = 0
  let collectedMs = clock.nowMs()
  const look = (): void => {
    const rested = clock.nowMs() - collectedMs >= nowAndThenMs
    if (process.memoryUsage().heapUsed > keptBytes + (rested ? worthBytes : burstBytes)) {
      collect()
      keptBytes = process.memoryUsage().heapUsed
      collectedMs = clock.nowMs()
    }
    clock.at(clock.nowMs() + everyMs, look)
  }
  look()
}
