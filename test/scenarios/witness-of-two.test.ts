// One machine votes in two clusters: a daemon, a port and a directory each, and nothing that one of them does or suffers is the other's.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ClusterStatus } from '../../src/daemon/api/contract.js'
import { Alone, lan, until } from './alone.js'

const SERVICE = 'DEFAULT:\n  nodes: "*"\n  orchestrate: ha\nfs#1:\n  type: flag\n'

const { nodes, end } = lan(['east1', 'east2', 'west1', 'west2', 'arbiter'])
const [east1, east2, west1, west2, machine] = nodes as [Alone, Alone, Alone, Alone, Alone]
const east = new Alone({ name: 'arbiter', witness: 'east', beside: machine })
const west = new Alone({ name: 'arbiter', witness: 'west', beside: machine })

beforeAll(async () => {
  await Promise.all([east1, east2, west1, west2, east, west].map((node) => node.start()))
  await form('east', [east1, east2], east, 1215)
  await form('west', [west1, west2], west, 1216)
})

afterAll(async () => {
  for (const node of [east1, east2, west1, west2]) await node.om('db1 stop --local --force')
  for (const node of [east1, east2, west1, west2, east, west]) await node.stop()
  await end()
})

async function form(name: string, [one, two]: readonly [Alone, Alone], witness: Alone, port: number) {
  const token = async (): Promise<string> => (await one.done('cluster token')).trim()
  await one.done(`cluster init ${name}`)
  await two.done(`cluster join ${await token()}`)
  await witness.done(`cluster join ${await token()} --address 10.99.0.5:${port}`)
  await one.done('cluster set --kw cluster.quorum=true')
  await one.done('db1 deploy --config=- --wait', SERVICE)
}

const statusOf = async (asked: Alone): Promise<ClusterStatus> =>
  JSON.parse(await asked.done('mon --format json')) as ClusterStatus

const isUp = async (asked: Alone, on: string): Promise<boolean> =>
  new RegExp(`${on} +up +idle`).test(await asked.done('db1 print status'))

test('each answers at its own socket for its own cluster, listens at its own port, and keeps its own files', async () => {
  const own = [east, west].map(async (witness) => {
    const { cluster, nodes: members } = await statusOf(witness)
    return [cluster, members.map((member) => `${member.name}: ${member.role}`)]
  })
  expect(await Promise.all(own)).toEqual([
    ['east', ['east1: node', 'east2: node', 'arbiter: witness']],
    ['west', ['west1: node', 'west2: node', 'arbiter: witness']],
  ])
  const { stdout } = await machine.inNetwork(['ss', '-Hlnt'])
  expect([...stdout.matchAll(/:(121\d)\s/g)].map(([, port]) => port).toSorted()).toEqual(['1215', '1216'])
  for (const name of ['east', 'west'])
    expect(existsSync(`${machine.root}/var/lib/longshore/witness/${name}/state.db`)).toBe(true)
  expect(existsSync(`${machine.root}/var/lib/longshore/state.db`)).toBe(false)
})

test('each has a vote in its own cluster: what one node loses the other takes over, and the other cluster hears nothing', async () => {
  const before = await west1.done('db1 logs')
  await east1.inNetwork(['ip', 'link', 'set', 'lan', 'down'])
  await until('east2 has it', () => isUp(east2, 'east2'))
  await until('east1 has given it up', () => isUp(east1, 'east1').then((up) => !up))
  expect(await isUp(west1, 'west1')).toBe(true)
  expect(await west1.done('db1 logs')).toBe(before)
  await east1.inNetwork(['ip', 'link', 'set', 'lan', 'up'])
  await until('east1 is heard again', async () => /O +\/|\/ +O/.test(await east2.done('mon')))
})

test('one that is killed is missed in its own cluster alone, and votes again when it is back', async () => {
  const isHeard = async (asked: Alone): Promise<boolean> =>
    (await statusOf(asked)).nodes.some(({ name, reachable }) => name === 'arbiter' && reachable)
  await east.stop('SIGKILL')
  await until('it is missed', async () => !(await isHeard(east2)))
  expect(await isHeard(west2)).toBe(true)
  await west1.inNetwork(['ip', 'link', 'set', 'lan', 'down'])
  await until('west2 has it', () => isUp(west2, 'west2'))
  await east.start()
  await east2.inNetwork(['ip', 'link', 'set', 'lan', 'down'])
  await until('east1 has it', () => isUp(east1, 'east1'))
})
