import { expect, test } from 'vitest'
import { Ailments } from '../ailments.js'
import type { Cluster } from '../cluster.js'
import type { SelfFence } from '../options.js'
import { VirtualClock } from '../virtual-clock.js'
import type { Ailment } from '../work.js'
import { atOnceMs, Meetings } from './meetings.js'

/** `db1` is up on both machines, and begins on the second one where that is allowed. */
function met(selfFence: SelfFence, older: { readonly paused?: boolean; readonly ailment?: Ailment } = {}) {
  const clock = new VirtualClock()
  clock.pass(60_000)
  const machine = () => ({
    clock: { isPaused: false },
    resumedMs: Number.NEGATIVE_INFINITY,
    protection: { stopMaxMs: 2300 },
    active: new Set(['db1']),
  })
  const first = machine()
  first.clock.isPaused = older.paused === true
  const machines = new Map([
    ['node1', first],
    ['node2', machine()],
    ['node3', machine()],
  ])
  const ailments = new Ailments(() => clock.nowMs())
  if (older.ailment !== undefined) ailments.set('db1@node1', older.ailment)
  const cluster = { clock, ailments, options: { selfFence }, machine: (name: string) => machines.get(name) }
  const told = { counted: 0, violations: [] as string[] }
  const meetings = new Meetings({
    cluster: cluster as unknown as Cluster,
    counted: () => (told.counted += 1),
    violated: (what) => told.violations.push(what),
  })
  const resume = (): void => {
    first.clock.isPaused = false
    first.resumedMs = clock.nowMs()
  }
  const allowed = meetings.allows('db1', 'node1', 'node2')
  return { allowed, told, meetings, clock, first, ailments, resume }
}

test.each([
  ['stop', {}, false],
  ['stop', { ailment: 'hang' }, false],
  ['stop', { ailment: 'stop' }, true],
  ['stop', { paused: true }, true],
  ['reboot', { ailment: 'stop' }, false],
  ['reboot', { paused: true }, true],
] as const)('with self_fence=%s, beside one that is %o: %s', (selfFence, older, allowed) => {
  const { allowed: is, told } = met(selfFence, older)
  expect(is).toBe(allowed)
  expect(told.counted).toBe(allowed ? 1 : 0)
})

test('one that goes on is gone at once, or something does not hold', () => {
  for (const late of [false, true]) {
    const { told, clock, first, resume } = met('stop', { paused: true })
    clock.pass(20_000)
    resume()
    clock.pass(atOnceMs - 100)
    if (!late) first.active.delete('db1')
    clock.pass(200)
    expect(told.violations).toHaveLength(late ? 1 : 0)
  }
})

test('one whose stop hangs is gone soon after that is over, or something does not hold', () => {
  for (const late of [false, true]) {
    const { told, clock, first, ailments } = met('stop', { ailment: 'stop' })
    clock.pass(20_000)
    ailments.clear()
    clock.pass(1000)
    if (!late) first.active.delete('db1')
    clock.pass(200)
    expect(told.violations).toHaveLength(late ? 1 : 0)
  }
})

test('one whose stop has hung until just now may be met, and later not', () => {
  const { meetings, clock, ailments } = met('stop', { ailment: 'stop' })
  ailments.clear()
  clock.pass(1000)
  expect(meetings.allows('db1', 'node1', 'node3')).toBe(true)
  clock.pass(1000)
  expect(meetings.allows('db1', 'node1', 'node3')).toBe(false)
})

test('one whose stop hangs as it goes on is reset within stop_max, or something does not hold', () => {
  const { told, clock, ailments, resume } = met('reboot', { paused: true, ailment: 'stop' })
  clock.pass(20_000)
  resume()
  clock.pass(2300)
  expect(told.violations).toEqual([])
  clock.pass(600)
  expect(ailments.size).toBe(1)
  expect(told.violations).toHaveLength(1)
})

test('a meeting counts once, and one that began anew meets again', () => {
  const { told, meetings } = met('stop', { paused: true })
  meetings.allows('db1', 'node1', 'node2')
  expect(told.counted).toBe(1)
  meetings.began('db1', 'node1')
  meetings.allows('db1', 'node1', 'node2')
  expect(told.counted).toBe(2)
})
