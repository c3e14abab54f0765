import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ClusterConfig } from '../../../src/core/cluster.js'
import type { FencingAgent } from '../../../src/core/fencing.js'
import { ownDocument } from '../../../src/core/view.js'
import { Agent } from '../../../src/daemon/agent/agent.js'
import { OwnGaps, type OwnGapsPorts } from '../../../src/daemon/agent/own-gaps.js'
import { Power } from '../../../src/daemon/agent/power.js'
import { nowMs, worldOf } from '../../cases/world.js'
import { testNode } from '../../drivers/node.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const MINUTE_MS = 60_000
const well = { failure: null, refusal: null, lacks: [] }

/** node1 of three nodes with quorum, and what it says of its own protection. */
function nodeWith(guard: OwnGapsPorts['guard'], change: Partial<ClusterConfig> = {}) {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  const { cluster, ...rest } = worldOf({
    why: 'what protects a node',
    nodes: ['node1', 'node2', 'node3'],
    quorum: true,
    lease: 'valid',
  })
  const world = { ...rest, cluster: { ...cluster, ...change } }
  const rng = { random: () => 0.5, id: () => 'id' }
  const agent = new Agent(world, { clock, rng, store: memoryStore() })
  const node = testNode([])
  onTestFinished(() => node.remove())
  const power = new Power({ exec: node.io.exec, clock })
  const gaps = new OwnGaps({ agent, node, clock, power, guard })
  onTestFinished(() => gaps.stop())
  agent.follow(gaps)
  const put = vi.spyOn(agent, 'put')
  const looks = (): number => put.mock.calls.filter(([{ kind }]) => kind === 'node seen').length
  /** Lets the time pass until it looks, and waits for the look. */
  const look = async (ms = 2000): Promise<readonly string[]> => {
    const before = looks()
    clock.pass(ms)
    await vi.waitFor(() => expect(looks()).toBe(before + 1), { timeout: 20_000, interval: 5 })
    return ownDocument(agent.world).gaps ?? []
  }
  return { agent, clock, directory: node.directory, gaps, power, look, looks }
}

/** A program that notes what it was asked, and answers as the case says. */
function program(directory: string, answer: string): string {
  const path = join(directory, 'fence_case')
  writeFileSync(path, `#!/bin/sh\nhead -1 >> ${directory}/asked\n${answer}\n`, { mode: 0o755 })
  return path
}

const agentOf = (agent: string): FencingAgent => ({
  agent,
  options: [],
  timeoutMs: 10_000,
  retries: 0,
  delayMs: 0,
  powerOn: false,
})

const watchdog = (device: string): Partial<ClusterConfig> => ({
  selfFence: 'watchdog',
  watchdog: { device, periodMs: 2000 },
})
const noGuard = 'has no guard: a daemon that hangs keeps what it runs; build with a C compiler to have one'
const noWatchdog =
  'has no watchdog, and starts nothing exclusive without: /lsu-no-such does not exist: load the module'
const refused = {
  ...well,
  refusal: 'the watchdog /dev/null is held by another process: end what feeds it',
}

test.each<[string, OwnGapsPorts['guard'], Partial<ClusterConfig>, readonly string[]]>([
  ['all is there', well, {}, []],
  ['there is no guard', null, {}, [noGuard]],
  ['there is no guard, and quorum is off', null, { quorum: false }, []],
  ['it only votes', null, { nodes: [], witnesses: [{ name: 'node1', addresses: [] }] }, []],
  [
    'the guard does not begin',
    { ...well, failure: 'the guard /x does not begin: see /run/guard.log' },
    {},
    ['is without its guard: the guard /x does not begin: see /run/guard.log'],
  ],
  [
    'the guard has to do without something',
    {
      ...well,
      lacks: [
        'its memory cannot be locked: Cannot allocate memory',
        'it may be ended when memory is short: Permission denied',
      ],
    },
    {},
    [
      'has a guard that may come too late, or be gone: its memory cannot be locked: Cannot allocate memory; it may be ended when memory is short: Permission denied; let omd have CAP_IPC_LOCK, CAP_SYS_NICE and CAP_SYS_RESOURCE, restart it, then end the guard, which it begins anew: pkill -KILL -x longshore-guard',
    ],
  ],
  ['the watchdog is there', well, watchdog('/dev/null'), []],
  ['the watchdog is missing', well, watchdog('/lsu-no-such'), [noWatchdog]],
  ['a missing watchdog was refused', refused, watchdog('/lsu-no-such'), [noWatchdog]],
  [
    'the watchdog was refused',
    refused,
    watchdog('/dev/null'),
    [`has a guard that did not take the last service that it was given: ${refused.refusal}`],
  ],
  [
    'a fencing agent is missing',
    well,
    {
      fencing: {
        node1: agentOf('fence_lsu_own'),
        node2: agentOf('fence_lsu_none'),
        node3: agentOf('fence_lsu_none'),
      },
    },
    [
      'cannot have node2, node3 powered off: fence_lsu_none is not on this node: install the package fence-agents; see stonith#node2, stonith#node3',
    ],
  ],
])('a node says what it lacks: %s', async (_, guard, change, expected) => {
  const { gaps, look } = nodeWith(guard, change)
  gaps.begin()
  const said = await look()
  expect(said).toHaveLength(expected.length)
  expected.forEach((sentence, i) => expect(said[i]).toContain(sentence))
})

test('a fencing agent that cannot say whether its node is on is named with its words, until it can', async () => {
  const { agent, directory, gaps, look } = nodeWith(well)
  const fence = program(directory, 'echo no route to host >&2; exit 1')
  gaps.begin()
  expect(await look()).toEqual([])
  const cluster = { ...agent.world.cluster, fencing: { node2: agentOf(fence) } }
  agent.put({ kind: 'cluster', cluster, version: { wallMs: 1, count: 0, node: 'node1' } })
  expect(await look()).toEqual([
    `cannot have node2 powered off: ${fence} answered 1 to status: no route to host; see stonith#node2`,
  ])
  program(directory, 'exit 2')
  expect(await look(MINUTE_MS)).toEqual([])
})

test('what works is asked for its state alone, and not again within the hour; the document does not change meanwhile', async () => {
  const { agent, clock, directory, gaps, look, looks } = nodeWith(well)
  const fence = program(directory, 'exit 0')
  const cluster = { ...agent.world.cluster, fencing: { node2: agentOf(fence) } }
  agent.put({ kind: 'cluster', cluster, version: { wallMs: 1, count: 0, node: 'node1' } })
  gaps.begin()
  await look()
  expect(readFileSync(join(directory, 'asked'), 'utf8')).toBe('action=status\n')
  rmSync(fence)
  await look(MINUTE_MS)
  const before = ownDocument(agent.world)
  for (let minute = 1; minute < 59; minute += 1) await look(MINUTE_MS)
  expect(ownDocument(agent.world)).toBe(before)
  expect(await look(MINUTE_MS)).toHaveLength(1)
  gaps.stop()
  const made = looks()
  clock.pass(10 * MINUTE_MS)
  expect(looks()).toBe(made)
})

test('nothing is asked while a node is powered off, and what was said of its agent is said on', async () => {
  const { agent, directory, gaps, look, power } = nodeWith(well)
  const fence = program(directory, 'echo no route to host >&2; exit 1')
  const cluster = { ...agent.world.cluster, fencing: { node2: agentOf(fence) } }
  agent.put({ kind: 'cluster', cluster, version: { wallMs: 1, count: 0, node: 'node1' } })
  gaps.begin()
  const said = await look()
  expect(said).toHaveLength(1)
  program(directory, `while ! test -e ${directory}/go; do sleep 0.02; done; exit 2`)
  rmSync(join(directory, 'asked'))
  const order = power.set('node2', agentOf(fence), 'off')
  expect(await look(MINUTE_MS)).toEqual(said)
  writeFileSync(join(directory, 'go'), '')
  expect((await order).ok).toBe(false)
  expect(readFileSync(join(directory, 'asked'), 'utf8')).toBe('action=off\n')
  expect(await look(MINUTE_MS)).toEqual([])
})
