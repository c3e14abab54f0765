// The tutorial end to end: PostgreSQL on a shared disk, relocated by an operator at `om`. Each test begins where the last one ended.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCluster, type Cluster } from './cluster.js'
import { clientOf, type Client } from './postgres.js'
import { byNode, steady } from './screen.js'
import { RELOCATABLE, TUTORIAL } from './tutorial.js'

let cluster: Cluster
let client: Client
let disk: string

beforeAll(async () => {
  cluster = await openCluster({ name: 'tutor' })
  client = clientOf(cluster.lab)
  disk = await cluster.lab.disk('320M')
})
afterAll(() => cluster.end())

const golden = (name: string): string => `golden/${name}.txt`
const row = async (node = 1): Promise<string> =>
  (await cluster.done(node, 'svcmon -s db1 --sections services')).replaceAll(/ +/g, ' ').trim()
/** The whole screen without what is measured; columns are as wide as the figures in them. */
const figuresAway = (screen: string): string =>
  screen
    .replaceAll(/(?<=running )\S+|(?<=O )[\d.]+m?s|\b\d+%:[\d.]+g|(?<=load .*)\d+\.\d/g, '<n>')
    .replaceAll(/(?<=^ swap +\| ).*$/gm, '<n> <n>')
    .replaceAll(/ +/g, ' ')

const SQL = 'select count(*), md5(string_agg(name, chr(32) order by n)) from voyage'
let rows = ''

describe('the untouched tutorial, on a kernel without device-mapper and ipvlan', () => {
  test('is created, validated and planned', async () => {
    expect(await cluster.done(1, 'om tutorial create --config=-', { input: TUTORIAL })).toBe(
      'service tutorial created\n',
    )
    expect(await cluster.done(1, 'om tutorial validate config')).toBe(
      'the configuration of tutorial is valid\n',
    )
    const { stdout } = await cluster.type(2, 'om tutorial start --dry-run')
    await expect(steady(stdout)).toMatchFileSnapshot(golden('tutorial-dry-run'))
    expect(await cluster.done(1, 'om tutorial delete --wait')).toBe('service tutorial deleted\n')
  })

  test('is not deployed: one sentence names what the kernel lacks', async () => {
    const sentences = await cluster.refused(1, 'om db1 deploy --config=-', { input: TUTORIAL })
    expect(sentences.split('\n')[0]).toBe(
      'this node cannot run db1: its kernel has no device-mapper (for disk#0, disk#1) and no ipvlan (for ip#0)',
    )
    expect(await cluster.done(1, 'svcmon --sections services')).toContain('none')
  })
})

describe('deploy', () => {
  const deploy = () => `om db1 deploy --config=- --env dev=${disk} --wait`

  test('brings the service up on the first node', async () => {
    const said = await cluster.done(1, deploy(), { input: RELOCATABLE })
    expect(said).toMatch(/^service db1 target state set to provisioned\n/)
    expect(said).toMatch(/service db1 target state provisioned met.*up on node1/)
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect(await row()).toBe('Services node1 node2\n db1 up failover | O^ X')
  })

  test('of the same again is already so', async () => {
    expect(await cluster.done(2, deploy(), { input: RELOCATABLE })).toBe('service db1 is already so\n')
  })

  test('of another content is refused, and names what to do instead', async () => {
    const said = await cluster.refused(1, `om db1 deploy --config=- --env dev=/dev/null`, {
      input: RELOCATABLE,
    })
    expect(said).toContain('om db1 set --kw')
    expect(said).toContain('om db1 edit config')
    expect(await cluster.done(1, 'om db1 get --kw env.dev')).toBe(`${disk}\n`)
  })

  test('makes a database that takes rows from outside of the nodes', async () => {
    await client.ask('create table voyage as select n, md5(n::text) as name from generate_series(1, 1000) n')
    rows = await client.ask(SQL)
    expect(rows).toMatch(/^1000\|/)
  })

  test('shows on every screen', async () => {
    await cluster.done(1, 'ln -s "$(command -v om)" /usr/local/bin/db1')
    const tree = await cluster.done(1, 'db1 print status')
    await expect(steady(tree)).toMatchFileSnapshot(golden('print-status'))
    const other = await cluster.done(2, 'om db1 print_status')
    await expect(steady(other)).toMatchFileSnapshot(golden('print-status-passive'))
    expect(await cluster.done(1, 'svcmgr -s db1 print status')).toBe(tree)
    const services = await cluster.done(2, 'svcmon -s db1 --sections services')
    await expect(services).toMatchFileSnapshot(golden('svcmon-services'))
    await expect(figuresAway(await cluster.done(1, 'svcmon'))).toMatchFileSnapshot(golden('svcmon'))
    const status = await cluster.type(1, 'om db1 status')
    expect([status.exit, status.stdout]).toEqual([0, 'up\n'])
  })
})

describe('switch', () => {
  test('planned: every node that takes part, in order, and nothing runs', async () => {
    const before = await cluster.log('db1')
    await expect(steady(await cluster.done(1, 'om db1 switch --dry-run'))).toMatchFileSnapshot(
      golden('switch-dry-run'),
    )
    await expect(steady(await cluster.done(2, 'om db1 stop --dry-run'))).toMatchFileSnapshot(
      golden('stop-dry-run'),
    )
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect(await cluster.log('db1')).toEqual(before)
  })

  test('moves it with its rows', async () => {
    const said = await cluster.done(1, 'om db1 switch --wait')
    expect(said).toMatch(/^service db1 target state set to placed@node2\n/)
    expect(said).toMatch(/service db1 target state placed@node2 met/)
    expect(await cluster.upOn('db1', 1)).toEqual(['node2'])
    expect(await client.ask(SQL)).toBe(rows)
    expect(await row()).toBe('Services node1 node2\n db1 up^ failover | X^ O')
    await expect(steady(await cluster.done(1, 'db1 print status'))).toMatchFileSnapshot(
      golden('print-status-switched'),
    )
  })

  test('is told in full, from any node, in the order of time', async () => {
    const lines = await cluster.log('db1', 1)
    expect(await cluster.log('db1', 2)).toEqual(lines)
    for (const line of lines) {
      expect(line).toMatch(/^\d\d:\d\d:\d\d,\d{3} node[12]\.db1(\.[a-z]+#\w+)? +(INFO|WARN|ERROR) +\S/)
    }
    const times = lines.map((line) => line.slice(0, 12))
    expect(times).toEqual(times.toSorted())
    const begun = lines.findIndex((line) => line.includes('target state set to placed@node2'))
    // asked beside everything else, so that its answer may stand anywhere
    const isCheck = (line: string) => line.includes('addresses checked')
    const told = lines.slice(begun)
    expect(told.filter(isCheck)).toEqual([expect.stringContaining('node2.db1')])
    const rest = told.filter((line) => !isCheck(line))
    await expect(steady(byNode(rest))).toMatchFileSnapshot(golden('switch-log'))
  })

  test('is watched: a frame for each change, until somebody interrupts', async () => {
    let seen = ''
    const frames = () =>
      seen
        .replaceAll(/ +/g, ' ')
        .split('\n\n')
        .filter((frame) => frame !== '')
    const line = 'echo $$ >/run/watcher; exec svcmon -w -s db1 --sections services'
    const watching = cluster.lab.node(2).exec(['sh', '-c', line], { onOutput: (text) => (seen += text) })
    const more = { timeout: 30_000 }
    await expect.poll(frames, more).toEqual([expect.stringContaining('db1 up^ failover | X^ O')])
    await cluster.done(1, 'om db1 freeze')
    await expect.poll(() => frames().at(-1), more).toContain('| X^* O*')
    await cluster.done(1, 'om db1 thaw')
    await expect.poll(() => frames().at(-1), more).toContain('| X^ O')
    await cluster.done(2, 'kill -INT $(cat /run/watcher)')
    expect((await watching).exit).toBe(0)
    expect(frames()).toHaveLength(3)
  })

  test('back: to the node that is named', async () => {
    await cluster.done(2, 'om db1 switch --node node1 --wait')
    expect(await cluster.upOn('db1', 2)).toEqual(['node1'])
    expect(await client.ask(SQL)).toBe(rows)
  })

  test.each([['to where it is', 'om db1 switch node1', 'already up on node1']])(
    '%s changes nothing',
    async (_, line, words) => {
      expect(await cluster.done(1, line)).toContain(words)
      expect(await cluster.upOn('db1')).toEqual(['node1'])
    },
  )

  test('to a node that is no member is refused', async () => {
    expect(await cluster.refused(1, 'om db1 switch node9')).toBe(
      'node9 is not a member of db1: its nodes are node1, node2',
    )
  })

  test('to a frozen node is refused, and says which', async () => {
    await cluster.done(1, 'om node freeze --node node2')
    expect(await cluster.refused(1, 'om db1 switch --wait')).toBe(
      'no other node can take db1: node node2 is frozen',
    )
    expect(await cluster.refused(1, 'om db1 switch node2 --wait')).toBe(
      'db1 cannot be placed on node2: node node2 is frozen',
    )
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    await cluster.done(2, 'om node thaw')
  })
})

describe('takeover and giveback', () => {
  test('takeover brings it to the node where it is typed', async () => {
    await cluster.done(2, 'om db1 takeover --wait')
    expect(await cluster.upOn('db1')).toEqual(['node2'])
    expect(await client.ask(SQL)).toBe(rows)
  })

  test('giveback brings it to its best node', async () => {
    await cluster.done(2, 'om db1 giveback --wait')
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect(await client.ask(SQL)).toBe(rows)
  })
})

describe('stop and start', () => {
  test('a stopped service stays frozen', async () => {
    await cluster.done(1, 'om db1 stop --wait')
    expect(await cluster.upOn('db1')).toEqual([])
    expect((await cluster.status('db1')).frozen).toBe('frozen')
    expect(await row(2)).toBe('Services node1 node2\n db1 down failover | X^* X*')
    expect((await cluster.lab.node(1).run(['docker', 'ps', '-aq'])).trim()).toBe('')
    expect(await cluster.done(1, 'om db1 stop --wait')).toContain('already stopped')
  })

  test('and starts on its best node, thawed', async () => {
    await cluster.done(2, 'om db1 start --wait')
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect((await cluster.status('db1')).frozen).toBe('thawed')
    expect(await client.ask(SQL)).toBe(rows)
    expect(await cluster.done(2, 'om db1 start')).toContain('already started on node1')
  })

  test('restart: stopped and started where it is', async () => {
    const before = await client.ask('select pg_postmaster_start_time()')
    await cluster.done(2, 'om db1 restart --wait')
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect(await client.ask('select pg_postmaster_start_time()')).not.toBe(before)
    expect(await client.ask(SQL)).toBe(rows)
  })

  test('freeze and thaw show in svcmon, and touch nothing', async () => {
    await cluster.done(1, 'om db1 freeze')
    expect(await row()).toBe('Services node1 node2\n db1 up failover | O^* X*')
    expect(await client.ask(SQL)).toBe(rows)
    await cluster.done(2, 'om db1 thaw')
    expect(await row()).toBe('Services node1 node2\n db1 up failover | O^ X')
  })

  test('of one resource, by its rid', async () => {
    await cluster.done(1, 'om db1 stop --rid container#1')
    const stopped = await cluster.status('db1')
    const here = stopped.instances.find(({ node }) => node === 'node1')?.instance
    expect(here?.resources['container#1']?.status).toBe('down')
    expect(here?.resources['container#0']?.status).toBe('up')
    expect(here?.avail).toBe('warn')
    await cluster.done(1, 'om db1 start --rid container#1')
    expect(await cluster.upOn('db1')).toEqual(['node1'])
    expect(await client.ask(SQL)).toBe(rows)
  })
})

describe('a second service beside it', () => {
  test('moves with it at one word, each with its own rows', async () => {
    const other = await cluster.lab.disk('320M')
    const here = clientOf(cluster.lab, '192.168.100.15')
    const deploy = `om db2 deploy --config=- --env dev=${other} --env ipaddr=192.168.100.15 --wait`
    await cluster.done(2, deploy, { input: RELOCATABLE })
    await here.ask(`create table voyage as select 'of the other' as name`)
    await cluster.done(1, `om 'db*' switch node2 --wait`)
    expect([await cluster.upOn('db1'), await cluster.upOn('db2')]).toEqual([['node2'], ['node2']])
    expect(await here.ask('select name from voyage')).toBe('of the other')
    expect(await client.ask(SQL)).toBe(rows)
  })

  test('and is purged: its data too, and nothing of the first', async () => {
    const device = await cluster.done(1, 'om db2 get --kw env.dev')
    await cluster.done(1, 'om db2 purge --yes --wait')
    expect(await cluster.refused(2, 'om db2 print status')).toContain('there is no service db2')
    expect(await cluster.done(1, 'svcmon --sections services')).not.toContain('db2')
    expect(await cluster.done(1, `wipefs ${device}`)).toBe('')
    expect(await cluster.done(2, 'docker ps -aq | wc -l')).toBe('2\n')
    expect(await client.ask(SQL)).toBe(rows)
  })
})
