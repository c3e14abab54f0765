import { expect, onTestFinished, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { returnMemory } from '../../src/daemon/adapters/memory-v8.js'
import { VirtualClock } from '../sim/virtual-clock.js'

/** Counts collections; the heap is as large as it is told to be. */
function heap(): { usedBytes: number; collections: number } {
  const state = { usedBytes: 20 << 20, collections: 0 }
  const { gc } = globalThis
  const { memoryUsage } = process
  onTestFinished(() => {
    globalThis.gc = gc
    process.memoryUsage = memoryUsage
  })
  globalThis.gc = (() => {
    state.collections += 1
    state.usedBytes = 20 << 20
  }) as NonNullable<typeof gc>
  process.memoryUsage = Object.assign(() => ({ ...memoryUsage(), heapUsed: state.usedBytes }), {
    rss: memoryUsage.rss,
  })
  return state
}

test('what a burst leaves is collected once; a heap that does not grow is left alone', () => {
  const clock = new VirtualClock()
  const state = heap()
  returnMemory(clock)
  clock.pass(60_000)
  expect(state.collections).toBe(1)
  state.usedBytes = 60 << 20
  clock.pass(60_000)
  expect(state.collections).toBe(2)
})

test('what quiet work leaves is collected too, but not each time', () => {
  const clock = new VirtualClock()
  const state = heap()
  returnMemory(clock)
  state.usedBytes = 25 << 20
  clock.pass(240_000)
  expect(state.collections).toBe(1)
  clock.pass(120_000)
  expect(state.collections).toBe(2)
})

test('the program is started so that it can', () => {
  const [first] = readFileSync(new URL('../../src/daemon/main.ts', import.meta.url), 'utf8').split('\n')
  expect(first).toMatch(/^#!\/usr\/bin\/env -S node .*--expose-gc/)
})
