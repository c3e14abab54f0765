// The tutorial's service in a cluster of three: an operator names the node, or leaves it to the order of the nodes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lab/wait.js'
import { openCluster, type Cluster } from './cluster.js'
import { clientOf, type Client } from './postgres.js'
import { RELOCATABLE } from './tutorial.js'

let cluster: Cluster
let client: Client
let disk: string

beforeAll(async () => {
  cluster = await openCluster({ name: 'three', nodes: 3 })
  client = clientOf(cluster.lab)
  disk = await cluster.lab.disk('320M')
})
afterAll(() => cluster.end())

const RELAYED = ' relay  node2  node1'
const SQL = 'select string_agg(place, chr(32) order by n) from log'
const write = (place: string) => client.ask(`insert into log (place) values ('${place}')`)
const row = async () =>
  (await cluster.done(2, 'svcmon -s db1 --sections services')).replaceAll(/ +/g, ' ').trim()

test('it is deployed from any node, and comes up on the first', async () => {
  const deploy = `om db1 deploy --config=- --env dev=${disk} --wait`
  await cluster.done(3, deploy, { input: RELOCATABLE })
  expect(await row()).toBe('Services node1 node2 node3\n db1 up failover | O^ X X')
  await client.ask('create table log (n serial, place text)')
  await write('node1')
})

test('it is switched to the node that is named', async () => {
  await cluster.done(1, 'om db1 switch --node node3 --wait')
  expect(await row()).toBe('Services node1 node2 node3\n db1 up^ failover | X^ X O')
  await write('node3')
  expect(await client.ask(SQL)).toBe('node1 node3')
})

test('without a name it goes to the best of the others', async () => {
  await cluster.done(2, 'om db1 switch --wait')
  expect(await cluster.upOn('db1', 3)).toEqual(['node1'])
  await cluster.done(2, 'om db1 switch --wait')
  expect(await cluster.upOn('db1', 3)).toEqual(['node2'])
  expect(await client.ask(SQL)).toBe('node1 node3')
})

test('a frozen node is passed over', async () => {
  await cluster.done(1, 'om node freeze')
  await cluster.done(2, 'om db1 switch --wait')
  expect(await cluster.upOn('db1')).toEqual(['node3'])
  expect(await client.ask(SQL)).toBe('node1 node3')
  await cluster.done(2, 'om node thaw node1')
})

test('its nodes may be fewer than the cluster has', async () => {
  await cluster.done(3, 'om db1 set --kw "nodes=node2 node3"')
  expect(await cluster.refused(3, 'om db1 switch node1')).toBe(
    'node1 is not a member of db1: its nodes are node2, node3',
  )
  await cluster.done(3, 'om db1 giveback --wait')
  expect(await cluster.upOn('db1', 1)).toEqual(['node2'])
  expect(await client.ask(SQL)).toBe('node1 node3')
})

test('two nodes that hear each other only through the third leave it where it is, and the status names who relays', async () => {
  await cluster.lab.cut(2, 3)
  await until(async () => (await cluster.done(3, 'om cluster status --color never')).includes(RELAYED), {
    timeoutMs: 30_000,
    or: 'node3 does not say that node1 still hears node2',
  })
  await sleep(cluster.timeoutMs)
  expect(await cluster.upOn('db1', 1)).toEqual(['node2'])
  expect((await cluster.type(3, 'om cluster check')).stdout).toContain(
    'node node2 is not heard here, and node1 still hears it: mend the network between them',
  )
  await cluster.lab.heal()
  await until(async () => !(await cluster.done(3, 'om cluster status')).includes('relay'), {
    timeoutMs: 30_000,
    or: 'node3 does not hear node2 again',
  })
  expect(await client.ask(SQL)).toBe('node1 node3')
})

test('and it is purged everywhere', async () => {
  await cluster.done(1, 'om db1 purge --yes --wait')
  for (const node of [1, 2, 3]) {
    expect(await cluster.refused(node, 'om db1 print status')).toContain('there is no service db1')
    expect(await cluster.done(node, 'docker ps -aq; ls /etc/longshore/services.d')).toBe('')
  }
  expect(await cluster.done(2, `wipefs ${disk}`)).toBe('')
})
