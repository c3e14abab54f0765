import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Result } from '../../../src/core/result.js'
import { rulesOf, sameRules, unsaid, type Rules } from '../../../src/core/rules.js'
import { ownDocument } from '../../../src/core/view.js'
import { builtinDrivers, registryOf } from '../../../src/resources/registry.js'
import { systemExec } from '../../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../../src/daemon/adapters/files.js'
import { buildApi } from '../../../src/daemon/api/app.js'
import type { House } from '../../../src/daemon/api/house.js'
import { ClusterRoom } from '../../../src/daemon/cluster-room.js'
import { sayLeave } from '../../../src/daemon/leave.js'
import { beginningFor } from '../../../src/daemon/members.js'
import { storeCluster } from '../../../src/daemon/stored-cluster.js'
import { systemClock } from '../../../src/daemon/adapters/clock.js'
import { parseCluster } from '../../../src/spec/cluster.js'
import { driverSections } from '../../../src/resources/sections.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { memoryStore } from '../../sim/memory-store.js'
import { memoryOf } from '../../sim/remembering.js'
import { VirtualClock } from '../../sim/virtual-clock.js'
import { valueOf } from '../../adapters/cluster.js'

const text = (nodes: string, more = ''): string =>
  `cluster:\n  name: paris\n  id: 5ca1ab1e\n  nodes: ${nodes}\n  quorum: true\n${more}`
const stamp = { wallMs: 1, count: 0, node: 'node2' }
const load = { load15m: 0, memTotalMb: 1, memAvailMb: 1, swapTotalMb: 0, swapAvailMb: 0, cpus: 1 }

const clusterOf = (configuration: string) =>
  valueOf(parseCluster({ text: configuration, source: 'cluster.yaml' }))
const rules = (configuration: string): Rules => rulesOf(clusterOf(configuration))

/** node1 begins with what a member has told it, or with what its former daemon has left in the store; it hears nobody. */
function daemonOf(told: Parameters<typeof storeCluster>[1] | null, store = memoryStore()) {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-api-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  if (told !== null) storeCluster(store, told)
  const clock = new VirtualClock()
  const kept = JSON.parse(store.get('register/cluster/cluster') ?? '') as { value: { text: string } }
  const room = new ClusterRoom(
    {
      clock,
      rng: { random: () => 0.5, id: () => 'id' },
      exec: systemExec(systemClock()),
      files: systemFiles(),
      store,
      log: { write: () => undefined },
      loopDelay: { take: () => ({ maxMs: 0, meanMs: 0 }) as never },
      sys: { hostname: 'node1', machineId: 'm1', bootId: 'b1', load: () => Promise.resolve(load) },
      registry: registryOf(builtinDrivers),
      schema: schemaOf(driverSections),
      etcDir: directory,
      varDir: directory,
      runDir: directory,
      version: 'test',
    },
    { cluster: clusterOf(kept.value.text), kept: memoryOf(store), load, self: 'node1' },
  )
  const { agent, configuration } = room
  agent.follow(configuration)
  agent.begin(() => undefined)
  const api = buildApi({ self: 'node1', room } as House)
  const post = async (path: string, body: object) => {
    const request = new Request(`http://omd${path}`, { method: 'POST', body: JSON.stringify(body) })
    const response = await api.fetch(request, { caller: { kind: 'operator' } })
    await configuration.settled()
    return { status: response.status, body: (await response.json()) as unknown }
  }
  return { room, agent, clock, store, post }
}

const three = 'node1 node2 node3'
const change = (timeout: string) => ({ set: [`heartbeat.timeout=${timeout}`] })

describe('a node that joins', () => {
  const former = [rules(text('node2 node3')), rules(text('node2'))]

  test('is told of the rules that hold beside the configuration, where there are some', async () => {
    const member = daemonOf({ stamp, text: text('node1') })
    expect(beginningFor(member.agent.world)).toEqual({ stamp, text: text('node1') })
    await member.post('/api/cluster/config', change('6s'))
    const { rules: told = [] } = beginningFor(member.agent.world)
    expect(told).toEqual([rules(text('node1'))])
  })

  test('goes by them beside the newest, and has agreed to nothing before a timeout is over', () => {
    const { agent, clock } = daemonOf({ stamp, text: text(three), rules: former })
    expect(agent.world.rules.earlier).toEqual(former)
    const { rules: word } = ownDocument(agent.world)
    expect(word).toMatchObject({ version: null, newest: former[0], earlier: [former[1]] })
    clock.pass(agent.world.cluster.heartbeat.timeoutMs)
    expect(ownDocument(agent.world).rules).toMatchObject({ version: stamp, earlier: former })
    expect(unsaid(agent.world)).toEqual(['node2', 'node3'])
  })

  test('goes by the configuration alone where it is told of none', () => {
    const { agent } = daemonOf({ stamp, text: text(three) })
    expect(agent.world.rules).toMatchObject({ newest: null, earlier: [], saysAtMs: null, version: stamp })
  })
})

describe('a daemon that begins anew', () => {
  test('keeps the former rules, and its word where it has given it', () => {
    const told = { stamp, text: text(three), rules: [rules(text('node2'))] }
    for (const hasSaid of [false, true]) {
      const first = daemonOf(told)
      if (hasSaid) first.clock.pass(first.agent.world.cluster.heartbeat.timeoutMs)
      const { world } = daemonOf(null, first.store).agent
      expect(world.rules.earlier).toEqual(told.rules)
      expect(world.rules.saysAtMs === null).toBe(hasSaid)
      expect(sameRules(ownDocument(world).rules?.newest ?? rules(text(three)), rules(text(three)))).toBe(
        hasSaid,
      )
    }
  })

  test('finds a configuration that came in its last moment beside the one before', () => {
    const first = daemonOf({ stamp, text: text(three) })
    const entry = { kind: 'cluster', name: 'cluster', stamp: { ...stamp, count: 1 } }
    const value = { text: text('node1'), author: 'user' }
    first.store.put('register/cluster/cluster', JSON.stringify({ ...entry, value }))
    const { world } = daemonOf(null, first.store).agent
    expect(world.rules.earlier).toEqual([rules(text(three))])
    expect(world.rules.saysAtMs).not.toBeNull()
  })
})

test('a ninth change on top of eight within a timeout is refused, with what to do', async () => {
  const { agent, clock, post } = daemonOf({ stamp, text: text('node1') })
  for (let seconds = 6; seconds < 14; seconds += 1)
    expect(await post('/api/cluster/config', change(`${seconds}s`))).toMatchObject({ status: 200 })
  expect(agent.world.rules.earlier).toHaveLength(8)
  expect(await post('/api/cluster/config', change('14s'))).toEqual({
    status: 409,
    body: {
      error: {
        code: 'CONFLICT',
        message: 'no further change before everybody has the last 8: wait until they have',
      },
    },
  })
  // What is no rule may change all the same.
  expect(await post('/api/cluster/config', { set: ['node.max_parallel=3'] })).toMatchObject({ status: 200 })
  clock.pass(20_000)
  expect(await post('/api/cluster/config', change('14s'))).toMatchObject({ status: 200 })
})

test('a node that hears nobody changes no votes and times of the cluster, until an operator has said that the others are off', async () => {
  const { agent, clock, post } = daemonOf({ stamp, text: text(three) })
  clock.pass(5000)
  const alone = { set: ['cluster.nodes=node1'] }
  expect(await post('/api/cluster/config', alone)).toEqual({
    status: 409,
    body: {
      error: {
        code: 'CONFLICT',
        message:
          'members, quorum and times of the cluster are changed where a majority is, and node2, node3 are silent: bring them back, or for each that is off run: om node confirm-off NODE',
      },
    },
  })
  for (const node of ['node2', 'node3'])
    expect(await post('/api/node/confirm-off', { node })).toMatchObject({ status: 200 })
  expect(await post('/api/cluster/config', alone)).toMatchObject({ status: 200 })
  clock.pass(5000)
  expect(agent.world.rules.earlier).toEqual([])
})

describe('confirm-off', () => {
  test('of nodes that were taken out ends the former rules', async () => {
    const { agent, clock, post } = daemonOf({ stamp, text: text('node1'), rules: [rules(text(three))] })
    clock.pass(5000)
    const off = (node: string) => post('/api/node/confirm-off', { node })
    const sentence = (node: string): object => ({
      status: 200,
      body: {
        message: `node ${node} is declared off: its services may start elsewhere, and the votes and times of the cluster as they were before the last change do not wait for it any more`,
      },
    })
    expect(await off('node2')).toEqual(sentence('node2'))
    expect(unsaid(agent.world)).toEqual(['node3'])
    expect(await off('node3')).toEqual(sentence('node3'))
    expect(agent.world.rules.earlier).toEqual([])
    expect(agent.world.cluster.nodes.map(({ name }) => name)).toEqual(['node1'])
  })

  test('of a node that nobody waits for is refused', async () => {
    const { post } = daemonOf({ stamp, text: text(three) })
    expect(await post('/api/node/confirm-off', { node: 'node9' })).toMatchObject({
      status: 404,
      body: { error: { message: "there is no node node9: the cluster's nodes are node1, node2, node3" } },
    })
  })
})

describe('a node that was taken out and hears nobody', () => {
  const taken = { stamp, text: text('node2 node3'), rules: [rules(text(three))] }

  test('may leave once it has given its word: it has no vote that others would miss', async () => {
    const { agent, clock } = daemonOf(taken)
    const without = (): never => {
      throw new Error('the configuration does not name it')
    }
    const leave = (): Promise<Result<void>> =>
      new Promise((resolve) => sayLeave({ agent, clock, without }, resolve))
    const early = await leave()
    expect(early).toMatchObject({ ok: false, error: { message: expect.stringContaining('no majority') } })
    clock.pass(agent.world.cluster.heartbeat.timeoutMs)
    const left = leave()
    clock.pass(20_000)
    expect(await left).toEqual({ ok: true, value: undefined })
    expect(agent.world.registers['off/node1']?.value).toMatchObject({ off: true })
  })

  test('is not let in by being named again, and says what to run', async () => {
    const { clock, post } = daemonOf(taken)
    clock.pass(5000)
    expect(await post('/api/cluster/config', { set: ['cluster.nodes|=node1'] })).toMatchObject({
      status: 409,
      body: {
        error: {
          message: expect.stringMatching(/^node1 .*'om cluster token' here.*'om cluster join' there/),
        },
      },
    })
  })
})
