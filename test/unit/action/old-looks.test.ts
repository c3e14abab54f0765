import { afterEach, describe, expect, test } from 'vitest'
import { Preparations } from '../../../src/daemon/agent/preparations.js'
import { ok } from '../../../src/core/result.js'
import type { DoStep, Driver } from '../../../src/resources/driver.js'
import { refusal } from '../../../src/resources/kit/refusal.js'
import { builtinDrivers } from '../../../src/resources/registry.js'
import { contextOf } from '../../../src/daemon/agent/action/view.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act, type Told } from './fixture.js'
import { TutorialHost } from './tutorial-host.js'

const container = (n: number, image: string, more = {}) =>
  resource(
    `container#${n}`,
    'docker',
    { name: `db1.container.${n}`, image, netns: 'none', rm: true, detach: true },
    more,
  )
const address = resource('ip#0', 'netns', {
  ipname: '192.168.100.14',
  ipdev: 'bond0',
  netmask: '24',
  gateway: '192.168.100.1',
  netns: 'container#0',
  mode: 'ipvlan-l2',
})
const inNamespace = service([container(0, 'google/pause', { exclusive: false }), address])

let host: TutorialHost
let node: TestNode
afterEach(() => node.remove())

function begin(runMs: number): void {
  host = new TutorialHost({ processMs: 20, engineMs: 5, runMs })
  node = testNode(builtinDrivers, host.ports())
}

const done = (
  action: Parameters<typeof act>[2],
  of = inNamespace,
  more: Parameters<typeof act>[3] = {},
): Promise<Told> => host.until(act(node, of, action, { addressesSilent: Promise.resolve(true), ...more }))

async function prepared(): Promise<Preparations> {
  begin(500)
  expect((await done('prepare')).result.failure).toBeNull()
  const preparations = new Preparations(node)
  preparations.look(inNamespace, 'start', null)
  await host.until(new Promise<void>((resolve) => void host.clock.after(1000, resolve)))
  return preparations
}

describe('what a preparation saw', () => {
  test('serves the start behind it', async () => {
    const foreseen = (await prepared()).of(inNamespace, 'start')
    expect([...foreseen.keys()]).toEqual(['container#0', 'ip#0'])
    host.asked.length = 0
    expect((await done('start', inNamespace, { foreseen })).result.failure).toBeNull()
    expect(host.asked[0]).toBe('inside: ip addr add')
  })

  test('serves no start by another configuration', async () => {
    const preparations = await prepared()
    expect(preparations.of({ ...inNamespace, version: 'v2' }, 'start').size).toBe(0)
  })

  test('serves no start six seconds later: the container that holds the namespace may have ended', async () => {
    const preparations = await prepared()
    host.box('db1.container.0', 'ends')
    host.clock.pass(5000)
    const { result } = await done('start', inNamespace, { foreseen: preparations.of(inNamespace, 'start') })
    expect(result.failure).toBeNull()
  })

  test('serves no restart, which stops first', async () => {
    const preparations = await prepared()
    const { result } = await done('restart', inNamespace, { foreseen: preparations.of(inNamespace, 'start') })
    expect(result.failure).toBeNull()
  })
})

describe('a container that comes up late, beside the stop of another one, is stopped before another node may start', () => {
  const both = service([container(1, 'postgres'), container(2, 'postgres')])

  test.each([2500, 4500])('it had been seen dead: a stop of %i ms', async (runMs) => {
    begin(runMs)
    await done('start', both)
    host.box('db1.container.1', 'ends')
    host.clock.after(1000, () => host.box('db1.container.1', 'comes up'))
    const { result, releases, log } = await done('stop', both)
    expect(result.failure).toBeNull()
    expect(releases).toHaveLength(1)
    const stopped = log.findIndex((line) => line.startsWith('container#1 info docker stop'))
    expect(stopped).toBeGreaterThan(0)
    expect(stopped).toBeLessThan(releases[0] ?? 0)
  })

  test('it had not been there at all', async () => {
    begin(3500)
    await done('start', both)
    host.box('db1.container.1', null)
    const { result, releases, log } = await done('stop', both)
    expect(result.failure).toBeNull()
    const stopped = log.findIndex((line) => line.startsWith('container#1 info docker stop'))
    expect(stopped).toBeGreaterThan(0)
    expect(stopped).toBeLessThan(releases[0] ?? 0)
  })
})

describe('a look of ten seconds ago', () => {
  interface Thing {
    readonly held: boolean
    readonly left: boolean
  }
  /** What the node shows, and what was done, in its order. */
  let now: Thing
  let told: string[]

  const becomes = (text: string, next: Thing): DoStep => ({
    kind: 'do',
    text,
    run: async () => {
      told.push(text)
      now = next
      return ok(undefined)
    },
  })

  const thing = (group: Driver<Thing>['group']): Driver<Thing> => ({
    group,
    type: 'thing',
    keywords: [],
    tools: [],
    events: [],
    label: () => 'thing',
    look: async () => {
      told.push('look')
      return ok(now)
    },
    status: (_, { held }) => ({ status: held ? 'up' : 'down', messages: [] }),
    start: (_, { held, left }) =>
      held ? [] : left ? [refusal('it is in the way')] : [becomes('take', { held: true, left: true })],
    stop: (_, { held, left }) => [
      ...(held ? [becomes('release', { held: false, left })] : []),
      ...(left ? [becomes('tidy', { held: false, left: false })] : []),
    ],
    assume: (_, state) => ({ held: state === 'up', left: state === 'up' }),
  })

  const up: Thing = { held: true, left: true }
  const down: Thing = { held: false, left: false }
  const inTheWay: Thing = { held: false, left: true }

  const cases = [
    {
      says: 'what is to be stopped',
      group: 'fs',
      action: 'stop',
      saw: up,
      is: up,
      done: 'release tidy look',
    },
    { says: 'what is to be started', group: 'ip', action: 'start', saw: down, is: down, done: 'take look' },
    {
      says: 'not that nothing is held',
      group: 'fs',
      action: 'stop',
      saw: down,
      is: up,
      done: 'look release tidy look',
    },
    {
      says: 'not that only what holds nothing is left',
      group: 'disk',
      action: 'stop',
      saw: inTheWay,
      is: up,
      done: 'look release tidy look',
    },
    { says: 'not that it is up', group: 'ip', action: 'start', saw: up, is: down, done: 'look take look' },
    {
      says: 'not that something is in the way',
      group: 'ip',
      action: 'start',
      saw: inTheWay,
      is: down,
      done: 'look take look',
    },
    {
      says: 'not that a group is whole',
      group: 'vg',
      action: 'stop',
      saw: up,
      is: up,
      done: 'look release tidy look',
    },
    {
      says: 'not which processes there are',
      group: 'app',
      action: 'stop',
      saw: up,
      is: up,
      done: 'look release tidy look',
    },
  ] as const
  test.each(cases)('says $says', async ({ group, action, saw, is, done: expected }) => {
    host = new TutorialHost({ processMs: 20, engineMs: 5, runMs: 500 })
    const [kind, type] = group === 'vg' ? (['disk', 'vg'] as const) : ([group, 'thing'] as const)
    node = testNode([{ ...thing(kind), type }], host.ports())
    const of = service([resource(`${kind}#1`, type)])
    const preparations = new Preparations(node)
    now = saw
    told = []
    preparations.look(of, action, null)
    await host.until(new Promise<void>((resolve) => void host.clock.after(10_000, resolve)))
    now = is
    told = []
    const { result } = await done(action, of, { foreseen: preparations.of(of, action) })
    expect(result.failure).toBeNull()
    expect(told.join(' ')).toBe(expected)
  })

  test('has nothing removed ahead of its turn: what was dead may be up by now', async () => {
    host = new TutorialHost({ processMs: 20, engineMs: 5, runMs: 500 })
    const clears = { clear: () => [becomes('clear', down)] }
    node = testNode([{ ...thing('container'), ...clears }, thing('ip')], host.ports())
    const of = service([resource('ip#1', 'thing'), resource('container#1', 'thing')])
    const preparations = new Preparations(node)
    now = down
    preparations.look(of, 'start', null)
    await host.until(new Promise<void>((resolve) => void host.clock.after(10_000, resolve)))
    told = []
    await done('start', of, { foreseen: preparations.of(of, 'start') })
    expect(told).toContain('take')
    expect(told).not.toContain('clear')
  })

  test.each(['netns', 'host'])('a start that ip.%s refuses is known by its step', (type) => {
    host = new TutorialHost({ processMs: 20, engineMs: 5, runMs: 500 })
    node = testNode(builtinDrivers, host.ports())
    const refused = resource('ip#1', type, { ...address.keywords, ipname: '192.168.100.15' })
    const of = service([refused])
    const driver = node.registry.find(refused)
    const ctx = contextOf(node, of, refused, null)
    const seen = driver?.assume(ctx, 'down') as object
    const steps = driver?.start(ctx, { ...seen, current: null, elsewhere: 'eth9' }) ?? []
    expect(steps).toMatchObject([{ kind: 'do', refuses: true }])
  })

  test('serves no other action, and none half a minute later', async () => {
    begin(500)
    const preparations = new Preparations(node)
    preparations.look(inNamespace, 'stop', null)
    expect(preparations.of(inNamespace, 'stop').size).toBe(2)
    expect(preparations.of(inNamespace, 'start').size).toBe(0)
    host.clock.pass(30_000)
    expect(preparations.of(inNamespace, 'stop').size).toBe(0)
  })
})
