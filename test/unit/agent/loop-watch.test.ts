import { expect, test } from 'vitest'
import { Logbook } from '../../../src/daemon/agent/logbook.js'
import { LoopWatch } from '../../../src/daemon/agent/loop-watch.js'
import type { DelayFigures, Store } from '../../../src/daemon/ports.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

function watched(figures: readonly DelayFigures[]) {
  const clock = new VirtualClock()
  const warnings: string[] = []
  // What came before it began is not counted.
  const queue = [{ p99Ms: 900, maxMs: 9000 }, ...figures]
  const logbook = new Logbook({
    node: 'node1',
    clock,
    store: { appendLog: () => undefined, trimLog: () => undefined } as unknown as Store,
    log: { write: ({ level, message }) => void (level === 'warn' && warnings.push(message)) },
    publish: () => undefined,
    keep: () => ({ ageMs: 0, lines: 0 }),
  })
  const take = (): DelayFigures => queue.shift() ?? { p99Ms: 0, maxMs: 0 }
  const watch = new LoopWatch({ clock, delay: { take }, logbook, intervalMs: () => 500 })
  watch.begin()
  return { clock, watch, warnings }
}

test('the figures are the worst of the last minute', () => {
  const { clock, watch, warnings } = watched([
    { p99Ms: 1, maxMs: 80 },
    { p99Ms: 7, maxMs: 20 },
  ])
  expect(watch.figures).toBeNull()
  clock.pass(10_000)
  clock.pass(10_000)
  expect(watch.figures).toEqual({ p99Ms: 7, maxMs: 80 })
  for (let i = 0; i < 5; i++) clock.pass(10_000)
  expect(watch.figures).toEqual({ p99Ms: 7, maxMs: 20 })
  clock.pass(10_000)
  expect(watch.figures).toEqual({ p99Ms: 0, maxMs: 0 })
  expect(warnings).toEqual([])
})

test('a delay beyond the interval is told of, with the longest', () => {
  const { clock, watch, warnings } = watched([
    { p99Ms: 2, maxMs: 500 },
    { p99Ms: 2, maxMs: 812.4 },
  ])
  clock.pass(10_000)
  expect(warnings).toEqual([])
  clock.pass(10_000)
  expect(warnings).toEqual([
    "omd was held up for 812 ms at the longest in the last 10 s, more than heartbeat.interval (500 ms), and its beats were late: see what else keeps this node's processors and disks busy",
  ])
  watch.stop()
  clock.pass(60_000)
  expect(watch.figures).toEqual({ p99Ms: 2, maxMs: 812.4 })
})
