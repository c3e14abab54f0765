import { afterEach, describe, expect, test } from 'vitest'
import { Preparations } from '../../../src/daemon/agent/preparations.js'
import { builtinDrivers } from '../../../src/resources/registry.js'
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
  preparations.done(inNamespace)
  await host.until(new Promise<void>((resolve) => void host.clock.after(1000, resolve)))
  return preparations
}

describe('what a preparation saw', () => {
  test('serves the start behind it', async () => {
    const foreseen = (await prepared()).of(inNamespace)
    expect([...foreseen.keys()]).toEqual(['container#0', 'ip#0'])
    host.asked.length = 0
    expect((await done('start', inNamespace, { foreseen })).result.failure).toBeNull()
    expect(host.asked[0]).toBe('inside: ip addr add')
  })

  test('serves no start by another configuration', async () => {
    const preparations = await prepared()
    expect(preparations.of({ ...inNamespace, version: 'v2' }).size).toBe(0)
  })

  test('serves no start six seconds later: the container that holds the namespace may have ended', async () => {
    const preparations = await prepared()
    host.box('db1.container.0', 'ends')
    host.clock.pass(5000)
    const { result } = await done('start', inNamespace, { foreseen: preparations.of(inNamespace) })
    expect(result.failure).toBeNull()
  })

  test('serves no restart, which stops first', async () => {
    const preparations = await prepared()
    const { result } = await done('restart', inNamespace, { foreseen: preparations.of(inNamespace) })
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
