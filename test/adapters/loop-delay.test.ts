import { expect, test } from 'vitest'
import { systemLoopDelay } from '../../src/daemon/adapters/loop-delay.js'

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms))

test('a loop that is held up shows it once', async () => {
  const delay = systemLoopDelay()
  await pause(300)
  // Atomics.wait stops the thread, as a long computation does.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700)
  await pause(300)
  expect(delay.take().maxMs).toBeGreaterThan(400)
  await pause(300)
  const after = delay.take()
  expect(after.maxMs).toBeGreaterThanOrEqual(0)
  expect(after.p99Ms).toBeLessThanOrEqual(after.maxMs + 1)
})
