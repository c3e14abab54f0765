// The tutorial to the letter, on kernels that have what it needs: a volume group on a blank shared disk, an ipvlan, PostgreSQL in a container. Each test
// begins where the last one ended.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterOn, type Cluster } from '../../scenarios/cluster.js'
import { until } from '../../scenarios/failure.js'
import { clientOf, type Client } from '../../scenarios/postgres.js'
import { ADDRESS, TUTORIAL } from '../../scenarios/tutorial.js'
import { openMachines, type Machines } from '../index.js'

let machines: Machines
let cluster: Cluster
let client: Client
let disk: string

beforeAll(async () => {
  machines = await openMachines({ name: 'tutor' })
  cluster = clusterOn(machines)
  client = clientOf(machines)
  await cluster.done(1, 'om cluster set --kw heartbeat.profile=slow')
  disk = await machines.disk('512M')
})
afterAll(() => machines.down())

const row = async (node = 1): Promise<string> =>
  (await cluster.done(node, 'svcmon -s db1 --sections services')).replaceAll(/ +/g, ' ').trim()
const tags = async (node: number): Promise<string> =>
  (await cluster.done(node, 'vgs --noheadings -o vg_tags db1')).trim()
const mounted = async (node: number): Promise<boolean> =>
  (await cluster.type(node, 'findmnt /srv/db1/data')).exit === 0
const SQL = 'select count(*), md5(string_agg(name, chr(32) order by n)) from voyage'
let rows = ''

describe('deploy', () => {
  test('makes the volume group, the volume and the filesystem on a blank disk, and starts on the first node', async () => {
    expect(await cluster.done(1, `blkid -p ${disk} || echo blank`)).toBe('blank\n')
    const said = await cluster.done(1, `om db1 deploy --config=- --env dev=${disk} --wait`, {
      input: TUTORIAL,
    })
    expect(said).toMatch(/service db1 target state provisioned met.*up on node1/)
    expect(await row()).toBe('Services node1 node2\n db1 up failover | O^ X')
    expect(await tags(2)).toContain('node1')
    expect(await cluster.done(1, 'findmnt -n -o FSTYPE /srv/db1/data')).toBe('xfs\n')
  })

  test('gives it the address, which answers from the other node', async () => {
    expect(await cluster.done(2, `ping -c 1 -W 5 ${ADDRESS}`)).toContain('1 received')
    expect(
      await cluster.done(
        1,
        'nsenter -t $(docker inspect -f "{{.State.Pid}}" db1.container.0) -n ip -d link show eth0',
      ),
    ).toContain('ipvlan  mode l2')
    await client.ask('create table voyage as select n, md5(n::text) as name from generate_series(1, 1000) n')
    rows = await client.ask(SQL)
    expect(rows).toMatch(/^1000\|/)
  })
})

test('switch moves it with its rows', async () => {
  expect(await cluster.done(1, 'om db1 switch --wait')).toMatch(/placed@node2 met/)
  expect(await row()).toBe('Services node1 node2\n db1 up^ failover | X^ O')
  expect(await client.ask(SQL)).toBe(rows)
  expect(await tags(1)).toContain('node2')
  expect(await tags(1)).not.toContain('node1')
  expect(await mounted(1)).toBe(false)
})

describe('with orchestrate=ha', () => {
  test('a power cut of the active machine starts it on the other one, with its rows', async () => {
    await cluster.done(1, 'om db1 set --kw orchestrate=ha')
    await machines.node(2).crash()
    await until('db1 is up on node1', async () => (await cluster.upOn('db1')).includes('node1'), 120_000)
    expect(await client.ask(SQL)).toBe(rows)
    expect(await tags(1)).toContain('node1')
    expect(await tags(1)).not.toContain('node2')
  })

  test('the machine comes back, and starts nothing', async () => {
    await machines.node(2).boot()
    await until(
      'node2 tells of its instance',
      async () => {
        const { instances } = await cluster.status('db1', 2)
        return instances.some(({ node, instance }) => node === 'node2' && instance?.avail === 'down')
      },
      120_000,
    )
    expect(await cluster.upOn('db1', 2)).toEqual(['node1'])
    expect(await mounted(2)).toBe(false)
    expect(await cluster.done(2, 'lvs --noheadings -o lv_active db1 | grep -c active || true')).toBe('0\n')
    expect(await cluster.done(2, 'docker ps -q')).toBe('')
    expect(await client.ask(SQL)).toBe(rows)
  })
})
