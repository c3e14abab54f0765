import { beforeEach, expect, test } from 'vitest'
import type { FencingAgent } from '../../../src/core/fencing.js'
import type { Exec, ExecResult } from '../../../src/daemon/ports.js'
import { Power } from '../../../src/daemon/agent/power.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const agent: FencingAgent = {
  agent: 'fence_case',
  options: [],
  timeoutMs: 10_000,
  retries: 0,
  delayMs: 0,
  powerOn: true,
}
const other = { ...agent, agent: 'fence_other' }

/** What the agents are asked, in order; each answer is given by hand. */
interface Call {
  readonly words: string
  answer(exit: number): Promise<void>
}

let calls: Call[]
let power: Power
let clock: VirtualClock
/** An agent that cannot be killed. */
let stuck: boolean
const never = new AbortController().signal

beforeEach(() => {
  calls = []
  stuck = false
  clock = new VirtualClock()
  const run: Exec['run'] = (argv, { input = '', signal }) =>
    new Promise((resolve) => {
      const end = (outcome: ExecResult['outcome'], exit: number): void =>
        resolve({ argv, outcome, exit, stdout: '', stderr: '', durationMs: 0 })
      signal?.addEventListener('abort', () => {
        if (!stuck) end('aborted', -1)
      })
      const words = `${argv.join(' ')} ${input.split('\n')[0]?.slice('action='.length) ?? ''}`
      calls.push({ words, answer: (exit) => (end('exited', exit), settled()) })
    })
  power = new Power({ exec: { run } as Exec, clock })
})

const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve()
}
const asked = async (): Promise<readonly string[]> => (await settled(), calls.map(({ words }) => words))
const answer = (call: number, exit: number): Promise<void> | undefined => calls[call]?.answer(exit)

test('a question that is under way ends for an order, on whichever node, and is no failure of the agent', async () => {
  const question = power.ask(agent, never)
  const order = power.set('node3', other, 'off')
  expect(await question).toBe(null)
  expect(await asked()).toEqual(['fence_case status', 'fence_other off'])
  expect(await power.ask(agent, never)).toBe(null)
  await answer(1, 0)
  await answer(2, 2)
  expect((await order).ok).toBe(true)
  const again = power.ask(agent, never)
  await settled()
  await answer(3, 0)
  expect(await again).toEqual({ ok: true })
})

test('an order waits for a question that cannot be ended for two seconds, and no longer', async () => {
  stuck = true
  void power.ask(agent, never)
  void power.set('node2', agent, 'off')
  expect(await asked()).toEqual(['fence_case status'])
  clock.pass(1900)
  expect(await asked()).toHaveLength(1)
  clock.pass(200)
  expect(await asked()).toEqual(['fence_case status', 'fence_case off'])
})

test('questions are asked one after another', async () => {
  const first = power.ask(agent, never)
  const second = power.ask(other, never)
  expect(await asked()).toEqual(['fence_case status'])
  await answer(0, 2)
  expect(await asked()).toEqual(['fence_case status', 'fence_other status'])
  await answer(1, 0)
  expect(await Promise.all([first, second])).toEqual([{ ok: true }, { ok: true }])
})

test('orders on a node follow each other, and the same again is the one under way; those on others do not wait', async () => {
  const off = power.set('node2', agent, 'off')
  expect(power.set('node2', agent, 'off')).toBe(off)
  const on = power.set('node2', agent, 'on')
  void power.set('node3', other, 'off')
  expect(await asked()).toEqual(['fence_case off', 'fence_other off'])
  await answer(0, 1)
  expect((await off).ok).toBe(false)
  expect(await asked()).toEqual(['fence_case off', 'fence_other off', 'fence_case on'])
  await answer(2, 0)
  await answer(3, 0)
  expect((await on).ok).toBe(true)
  expect(power.set('node2', agent, 'off')).not.toBe(off)
})
