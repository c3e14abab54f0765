import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keepLogs, openStage, until, type Stage } from './failure.js'
import { postgres, sql, waiting } from './failure-services.js'

let stage: Stage
let disk = ''
let service = ''

beforeAll(async () => {
  stage = await openStage('fres')
  const known = (await stage.lab.status()).disks[0]
  disk = known ?? (await stage.lab.disk('512M'))
  await stage.deploy('db1', postgres(disk))
  await sql(stage.lab, 'create table if not exists t (n int); truncate t; insert into t values (1), (2), (3)')
})

afterEach(async ({ task }) => {
  await keepLogs(stage, task.name, [service])
  if (service !== 'db1') await stage.purge(service)
})

afterAll(() => stage?.end())

const container = async (node: number, name: string): Promise<string> =>
  (await stage.lab.node(node).exec(['docker', 'inspect', '--format', '{{.Id}}', name])).stdout.trim()

const kill = async (node: number, name: string): Promise<void> =>
  void (await stage.lab.node(node).run(['docker', 'kill', name]))

describe('a container that was killed', () => {
  it('is restarted in place, and the rows are there', async () => {
    service = 'db1'
    const before = await container(1, 'db1.container.1')
    await kill(1, 'db1.container.1')
    await until('it runs again', async () => ![before, ''].includes(await container(1, 'db1.container.1')))
    await stage.settles(1, 'db1', ['up', 'down'])
    expect(await sql(stage.lab, 'select sum(n) from t')).toBe('6')
    const log = await stage.logs(1, 'db1')
    expect(log).toMatch(/db1\.container#1 +WARN +up became down, not by the agent/)
    expect(log).toMatch(/restart resource container#1: not up, try 1\/2/)
  })

  it('again and again, with monitor=true and monitor_action=switch: moves once its restarts are used up', async () => {
    service = 'c1'
    const section = { orchestrate: 'ha', monitor_action: 'switch' }
    await stage.deploy('c1', waiting(section, { monitor: 'true', restart: '1', restart_delay: '100ms' }))
    const first = await container(1, 'c1.container.1')
    await kill(1, 'c1.container.1')
    await until('it runs again', async () => ![first, ''].includes(await container(1, 'c1.container.1')))
    await stage.settles(1, 'c1', ['up', 'down'])
    await kill(1, 'c1.container.1')
    await stage.settles(2, 'c1', ['start failed', 'up'])
    expect((await stage.instance(2, 'c1', 1)).failure).toBe(
      'monitored resource container#1 is down and has no restart left',
    )
    await stage.mustOm(2, 'c1 clear')
    await stage.settles(2, 'c1', ['down', 'up'])
  })

  it('with monitor_action=freezestop: the instance is stopped and frozen', async () => {
    service = 'c2'
    await stage.deploy(
      'c2',
      waiting({ orchestrate: 'ha', monitor_action: 'freezestop' }, { monitor: 'true' }),
    )
    await kill(1, 'c2.container.1')
    await stage.settles(2, 'c2', ['down', 'up'])
    const { instances } = await stage.service(2, 'c2')
    expect(instances.map(({ node, frozen }) => ({ node, frozen }))).toEqual([
      { node: 'node1', frozen: true },
      { node: 'node2', frozen: false },
    ])
  })

  it('with orchestrate=no: monitor_action is not done, and the status says why', async () => {
    service = 'c3'
    await stage.deploy('c3', waiting({ orchestrate: 'no', monitor_action: 'switch' }, { monitor: 'true' }))
    await kill(1, 'c3.container.1')
    await until('the status says so', async () =>
      ((await stage.service(1, 'c3')).why ?? '').includes('monitor_action=switch is not done'),
    )
    await stage.settles(1, 'c3', ['down', 'down'])
  })
})

describe('an address that somebody else has', () => {
  it('is refused naming the MAC, nothing is left plumbed, and the start is rolled back', async () => {
    service = 'db1'
    await stage.mustOm(1, 'db1 stop --wait')
    const other = await stage.squat('192.168.100.14')
    try {
      const said = await stage.refusedOm(1, 'db1 start --wait')
      expect(said.toLowerCase()).toContain(other.mac)
      await stage.settles(1, 'db1', ['start failed', 'down'])
      const { resources, place } = await stage.instance(1, 'db1', 1)
      expect(place.kind).toBe('none')
      expect(
        Object.entries(resources).filter(([rid, { status }]) => !rid.startsWith('sync') && status !== 'down'),
      ).toEqual([])
      expect(await stage.lab.node(1).run(['docker', 'ps', '--quiet'])).toBe('')
      expect(await stage.lab.node(1).run(['ip', '-brief', 'link'])).not.toContain('@bond0')
    } finally {
      await other.release()
    }
    await stage.mustOm(1, 'db1 start --wait')
    expect(await sql(stage.lab, 'select sum(n) from t')).toBe('6')
  })
})

describe('a filesystem that is busy', () => {
  const sit = async (): Promise<string> =>
    (
      await stage.lab.node(1).run(['sh', '-c', 'cd /srv/db1/data && sleep 4715 >/dev/null 2>&1 & echo $!'])
    ).trim()

  it('names who holds it, is left as it is, and is not started elsewhere; a retry works', async () => {
    service = 'db1'
    const pid = await sit()
    const said = await stage.refusedOm(1, 'db1 switch --wait')
    expect(said).toContain(`/srv/db1/data is busy, held by pid ${pid} (sleep 4715)`)
    await stage.settles(1, 'db1', ['stop failed', 'down'])
    expect((await stage.instance(2, 'db1', 1)).place.kind).toBe('held')
    expect((await stage.lab.node(1).exec(['kill', '-0', pid])).exit, 'nobody killed it').toBe(0)
    await stage.lab.node(1).run(['kill', pid])
    await stage.mustOm(1, 'db1 clear')
    await stage.mustOm(1, 'db1 switch --wait')
    await stage.settles(1, 'db1', ['down', 'up'])
    expect(await sql(stage.lab, 'select sum(n) from t')).toBe('6')
    await stage.mustOm(1, 'db1 takeover --wait')
  })

  it('with kill_holders=true: they are ended, and the log says whom', async () => {
    service = 'db1'
    await stage.mustOm(1, 'db1 set --kw fs#1.kill_holders=true')
    await stage.settles(1, 'db1', ['up', 'down'])
    const pid = await sit()
    await stage.mustOm(1, 'db1 switch --wait')
    expect(await stage.logs(1, 'db1')).toContain(`/srv/db1/data is busy: ending pid ${pid} (sleep 4715)`)
    await stage.mustOm(1, 'db1 takeover --wait')
    await stage.mustOm(1, 'db1 unset --kw fs#1.kill_holders')
    await stage.settles(1, 'db1', ['up', 'down'])
  })
})
