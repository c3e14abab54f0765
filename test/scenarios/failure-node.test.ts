import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keepLogs, openStage, until, type Stage } from './failure.js'
import { fragile, installFragile, postgres, sql } from './failure-services.js'

let stage: Stage
let service = 'db1'

beforeAll(async () => {
  stage = await openStage('fnode')
  await installFragile(stage.lab)
  const known = (await stage.lab.status()).disks[0]
  await stage.deploy('db1', postgres(known ?? (await stage.lab.disk('512M')), { orchestrate: 'ha' }))
  await sql(stage.lab, 'create table if not exists t (n int); truncate t; insert into t values (1), (2), (3)')
})

afterEach(async ({ task }) => {
  await keepLogs(stage, task.name, [service])
  await stage.repair()
})
afterAll(() => stage?.end())

const rows = (): Promise<string> => sql(stage.lab, 'select sum(n) from t')

const heard = (asked: number, node: number): Promise<boolean> =>
  stage.cluster(asked).then(({ nodes }) => {
    const one = nodes.find(({ name }) => name === `node${node}`)
    return one?.reachable === true && one.state === 'idle'
  })

const containers = async (node: number): Promise<string> =>
  stage.lab.node(node).run(['docker', 'ps', '--quiet', '--no-trunc'])

describe('the active node crashes', () => {
  it('with orchestrate=ha: up on the other one, rows there; booted again it starts no second instance', async () => {
    const watch = stage.watchMount('/srv/db1/data')
    await stage.lab.node(1).crash()
    await stage.settles(2, 'db1', [null, 'up'])
    expect(await rows()).toBe('6')
    await stage.lab.node(1).boot()
    await until('node1 is back', () => heard(2, 1))
    await stage.settles(1, 'db1', ['down', 'up'])
    expect(await rows()).toBe('6')
    expect(await watch.stop(), 'never mounted twice').toBe(1)
    expect(await stage.logs(2, 'db1')).toContain('unprotected against split brain')
  })

  it('in the middle of a switch: up once, on the one that is left', async () => {
    const watch = stage.watchMount('/srv/db1/data')
    await stage.mustOm(2, 'db1 switch node1')
    await until('node2 stops', async () => (await stage.instance(2, 'db1', 2)).monitor === 'stopping')
    await stage.lab.node(2).crash()
    await stage.settles(1, 'db1', ['up', null])
    expect(await rows()).toBe('6')
    await stage.lab.node(2).boot()
    await until('node2 is back', () => heard(1, 2))
    await stage.settles(2, 'db1', ['up', 'down'])
    expect(await watch.stop(), 'never mounted twice').toBe(1)
  })
})

describe('the passive node', () => {
  it('crashes and comes back: nothing happens', async () => {
    const before = await containers(1)
    await stage.lab.node(2).crash()
    await until('it is missed', async () => !(await heard(1, 2)))
    await stage.lab.node(2).boot()
    await until('node2 is back', () => heard(1, 2))
    expect(await containers(1)).toBe(before)
    await stage.settles(2, 'db1', ['up', 'down'])
  })
})

describe('the daemon of the active node', () => {
  it('killed and started again finds its service, and nothing restarts', async () => {
    const before = await containers(1)
    await stage.lab.node(1).killDaemon()
    await stage.lab.node(1).startDaemon()
    await until('node1 is back', () => heard(2, 1))
    await stage.settles(2, 'db1', ['up', 'down'])
    expect((await stage.instance(2, 'db1', 1)).started).toBe(true)
    expect(await containers(1)).toBe(before)
  })

  it('stopped as by systemd: the service stays, and the other node starts nothing however long it takes', async () => {
    const before = await containers(1)
    const watch = stage.watchMount('/srv/db1/data')
    await stage.lab.node(1).stopDaemon()
    await until(
      'it is silent',
      async () => !(await stage.cluster(2)).nodes.every(({ reachable }) => reachable),
    )
    await until('why nothing is done is said', async () =>
      ((await stage.service(2, 'db1')).why ?? '').includes('om node confirm-off node1'),
    )
    expect(await rows()).toBe('6')
    await stage.lab.node(1).startDaemon()
    await until('node1 is back', () => heard(2, 1))
    await stage.settles(2, 'db1', ['up', 'down'])
    expect(await containers(1)).toBe(before)
    expect(await watch.stop()).toBe(1)
  })

  it('shut down: services move away first', async () => {
    await stage.mustOm(1, 'daemon shutdown')
    await until('node1 has no daemon', async () => !(await stage.lab.node(1).daemonRuns()))
    await stage.settles(2, 'db1', [null, 'up'])
    expect(await rows()).toBe('6')
    await stage.lab.node(1).startDaemon()
    await until('node1 is back', () => heard(2, 1))
    await stage.settles(1, 'db1', ['down', 'up'])
  })

  it('killed in the midst of a shutdown: what was to move moves, and the node is not left frozen', async () => {
    const frozen = async (asked: number): Promise<boolean> =>
      (await stage.cluster(asked)).nodes.find(({ name }) => name === 'node2')?.frozen === true
    const asked = stage.om(2, 'daemon shutdown')
    await until('node2 is frozen', () => frozen(2))
    await stage.lab.node(2).killDaemon()
    expect((await asked).exit).toBe(1)
    await stage.lab.node(2).startDaemon()
    await until('node2 is back', () => heard(1, 2))
    await until('nobody takes it for frozen', async () => !(await frozen(1)) && !(await frozen(2)))
    await stage.settles(1, 'db1', ['up', 'down'])
    expect(await rows()).toBe('6')
    await stage.mustOm(1, 'db1 switch --wait')
  })
})

describe('with orchestrate=no', () => {
  it('a crash moves nothing; declared off by an operator, it can be started on the other node', async () => {
    service = 'n1'
    await stage.deploy('n1', fragile('no'))
    await stage.mustOm(1, 'n1 takeover --wait')
    await stage.mustOm(1, 'db1 takeover --wait')
    await stage.lab.node(1).crash()
    await stage.settles(2, 'db1', [null, 'up'])
    expect((await stage.instance(2, 'n1', 2)).avail).toBe('down')
    await stage.mustOm(2, 'node confirm-off --node node1 --yes')
    await stage.mustOm(2, 'n1 start --wait')
    expect(await stage.logs(2, 'n1')).toContain('an operator confirmed that node1 is off')
    await stage.settles(2, 'n1', [null, 'up'])
    await stage.lab.node(1).boot()
    await until('node1 is back', () => heard(2, 1))
    await stage.settles(1, 'n1', ['down', 'up'])
  })
})

describe('a cut', () => {
  it('of one network of two: nothing happens, and its paths are stale', async () => {
    const before = await containers(2)
    await stage.lab.cut(1, 2, 1)
    await until('one path is stale', async () => {
      const { paths } = (await stage.cluster(1)).daemon
      return paths.some(({ state }) => state === 'stale') && paths.some(({ state }) => state === 'beating')
    })
    expect(await heard(1, 2)).toBe(true)
    await stage.lab.heal()
    await until('both beat', async () =>
      (await stage.cluster(1)).daemon.paths.every(({ state }) => state === 'beating'),
    )
    expect(await containers(2)).toBe(before)
  })

  it('of both, with orchestrate=ha and quorum off: both may run, which is said; healed, the older instance goes', async () => {
    await stage.mustOm(1, 'db1 stop --wait')
    service = 'n2'
    await stage.deploy('n2', fragile('ha'))
    await stage.settles(1, 'n2', ['up', 'down'])
    await stage.lab.cut(1, 2)
    await until('it is up on both', async () => (await stage.instance(2, 'n2', 2)).avail === 'up')
    expect((await stage.instance(1, 'n2', 1)).avail).toBe('up')
    expect((await stage.cluster(2)).protection).toContain('unprotected against split brain')
    await stage.lab.heal()
    await stage.settles(1, 'n2', ['down', 'up'])
    expect(await stage.logs(1, 'n2')).toMatch(/node1\.n2 +WARN +two instances: .*on_duplicate=stop oldest/)
    await stage.purge('n2')
  })
})

describe('a node that was away', () => {
  it('catches up with configuration and target states', async () => {
    service = 'n3'
    await stage.deploy('n3', fragile('no'))
    await stage.lab.node(2).crash()
    await until('it is missed', async () => !(await heard(1, 2)))
    await stage.mustOm(1, 'n3 set --kw comment=changed-meanwhile')
    await stage.mustOm(1, 'n3 stop --wait')
    await stage.lab.node(2).boot()
    await until('node2 is back', () => heard(1, 2))
    await until('the configuration has come', async () =>
      (await stage.mustOm(2, 'n3 get --kw comment')).includes('changed-meanwhile'),
    )
    await until('the same configuration is in force', async () => {
      const { instances, configVersion } = await stage.service(2, 'n3')
      return (
        instances.every(
          ({ instance }) => instance?.configVersion === instances[0]?.instance?.configVersion,
        ) && configVersion !== null
      )
    })
    expect((await stage.service(2, 'n3')).frozen).toBe('frozen')
    await stage.purge('n3')
  })

  it('and all of them: what is ha comes up again, once; what is not stays down', async () => {
    service = 'n4'
    await stage.deploy('n4', fragile('ha'))
    await Promise.all(stage.lab.nodes.map((node) => node.crash()))
    await Promise.all(stage.lab.nodes.map((node) => node.boot()))
    await stage.settles(1, 'n4', ['up', 'down'])
    await stage.settles(1, 'n1', ['down', 'down'])
    await stage.settles(1, 'db1', ['down', 'down'])
    await stage.mustOm(1, 'db1 start --wait')
    expect(await rows()).toBe('6')
    await stage.purge('n4')
  })
})

describe('a configuration edited by hand', () => {
  const path = '/etc/longshore/services.d/n1.yaml'
  const edit = (command: string): Promise<string> => stage.lab.node(2).run(['sh', '-c', command])

  it('is taken everywhere; a wrong one is refused, and the last good one stays in force', async () => {
    service = 'n1'
    await edit(`printf '\\nenv:\\n  by: hand\\n' >>${path}`)
    await until('node1 has it', async () => (await stage.mustOm(1, 'n1 print config')).includes('by: hand'))
    await edit(`printf 'fs#2:\\n  type: flagg\\n' >>${path}`)
    await until('it is refused', async () =>
      ((await stage.service(2, 'n1')).configProblem ?? '').includes('flagg'),
    )
    expect(await stage.logs(2, 'n1')).toMatch(
      /WARN .*was edited and is refused, the last good version stays in force/,
    )
    expect(await stage.mustOm(1, 'n1 print config')).not.toContain('flagg')
    await stage.mustOm(2, 'n1 set --kw env.by=om')
    await until('it is in step again', async () => (await stage.service(2, 'n1')).configProblem === null)
    expect(await edit(`cat ${path}`)).not.toContain('flagg')
  })
})

describe('a daemon that is killed while an action runs', () => {
  it('finds what there is when it is started again, and brings the target state about', async () => {
    service = 'n5'
    await stage.mustOm(1, 'cluster set --kw heartbeat.timeout=20s')
    const start = '/bin/sh -c "sleep 3; /usr/local/bin/fragile start n5"'
    await stage.om(1, 'n5 deploy --config=-', JSON.stringify(fragile('no', { start })))
    await until(
      'it starts',
      async () => (await stage.instance(1, 'n5', 1)).resources['fs#1']?.status === 'up',
    )
    await stage.lab.node(1).killDaemon()
    await stage.lab.node(1).startDaemon()
    await stage.settles(2, 'n5', ['up', 'down'])
    await until('the target state has ended', async () => (await stage.service(1, 'n5')).target === null)
    const { target, lastTarget } = await stage.service(1, 'n5')
    expect([target, lastTarget?.end.how]).toEqual([null, 'met'])
    await stage.purge('n5')
  })
})
