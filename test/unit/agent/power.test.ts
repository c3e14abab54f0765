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
    new Promise((resolve, reject) => {
      if (argv[0] === 'fence_broken') return reject(new Error('broken off'))
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
  expect(power.set('node2', { ...agent, options: [] }, 'off')).toBe(off)
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

test('a corrected order ends the wrong one before it, and all that waits behind that', async () => {
  const wrong = power.set('node2', agent, 'off')
  const after = power.set('node2', agent, 'on')
  expect(await asked()).toEqual(['fence_case off'])
  const right = power.set('node2', { ...agent, options: ['ip=192.0.2.9'], retries: 3 }, 'off')
  expect(await asked()).toEqual(['fence_case off', 'fence_case off'])
  const ended = { ok: false, error: { code: 'ABORTED', message: expect.stringContaining('took its place') } }
  expect(await Promise.all([wrong, after])).toEqual([ended, ended])
  await answer(1, 0)
  await answer(2, 2)
  expect((await right).ok).toBe(true)
  expect(await asked()).toHaveLength(3)
})

test('a corrected order waits for an agent that cannot be killed for two seconds, and no longer', async () => {
  stuck = true
  void power.set('node2', agent, 'off')
  await asked()
  void power.set('node2', other, 'off')
  clock.pass(1900)
  expect(await asked()).toEqual(['fence_case off'])
  clock.pass(200)
  expect(await asked()).toEqual(['fence_case off', 'fence_other off'])
})

test.each([
  ['one address', ['ip=192.0.2.9', 'plug=1', 'username=a'], ['plug=2', 'ip=192.0.2.9'], true],
  ['one address, in its older name', ['ipaddr=pdu', 'port=1'], ['ipaddr=pdu', 'port=2'], true],
  ['nothing but their plugs', ['devices=/dev/sda', 'plug=1'], ['devices=/dev/sda', 'plug=2'], true],
  ['two addresses', ['ip=192.0.2.9'], ['ip=192.0.2.10'], false],
  ['two ports of an address', ['ip=192.0.2.9', 'ipport=6230'], ['ip=192.0.2.9', 'ipport=6231'], false],
])('orders on two nodes by an agent with %s', async (_, options, more, oneDevice) => {
  void power.set('node2', { ...agent, options }, 'off')
  void power.set('node3', { ...agent, options: more }, 'off')
  expect(await asked()).toHaveLength(oneDevice ? 1 : 2)
})

test('an order waits for one on another node by its device until that is done, or for the time of its agent', async () => {
  void power.set('node2', { ...agent, options: ['ip=pdu', 'plug=1'] }, 'off')
  void power.set('node3', { ...agent, options: ['ip=pdu', 'plug=2'] }, 'off')
  void power.set('node4', { ...agent, options: ['ip=pdu', 'plug=3'], timeoutMs: 20_000 }, 'off')
  await asked()
  await answer(0, 0)
  expect(await asked()).toEqual(['fence_case off', 'fence_case status'])
  await answer(1, 2)
  expect(await asked()).toEqual(['fence_case off', 'fence_case status', 'fence_case off'])
  clock.pass(19_000)
  expect(await asked()).toHaveLength(3)
  clock.pass(2_000)
  expect(await asked()).toHaveLength(4)
})

test('a question that breaks off keeps no other from being asked', async () => {
  const broken = { ...agent, agent: 'fence_broken' }
  await expect(power.ask(broken, never)).rejects.toThrow('broken off')
  void power.ask(agent, never)
  expect(await asked()).toEqual(['fence_case status'])
})
