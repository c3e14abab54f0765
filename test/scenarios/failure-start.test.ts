import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { keepLogs, openStage, type Stage } from './failure.js'
import { fragile, installFragile } from './failure-services.js'

let stage: Stage
let service = ''

beforeAll(async () => {
  stage = await openStage('fstart')
  await installFragile(stage.lab)
})

afterEach(async ({ task }) => {
  await keepLogs(stage, task.name, [service])
  await mend(1, 2)
  await stage.purge(service)
})

afterAll(() => stage?.end())

const breakOn = async (...nodes: readonly number[]): Promise<void> => {
  for (const n of nodes) await stage.lab.node(n).run(['touch', '/var/tmp/broken'])
}

const mend = async (...nodes: readonly number[]): Promise<void> => {
  for (const n of nodes) await stage.lab.node(n).run(['rm', '-f', '/var/tmp/broken'])
}

const runsOn = async (node: number, ...words: readonly string[]): Promise<boolean> =>
  (await stage.lab.node(node).exec(['pgrep', '-f', '--', ...words])).exit === 0

describe('a start that fails', () => {
  it('on both nodes: is rolled back and stays failed until it is cleared, then starts', async () => {
    service = 'f1'
    await stage.deploy('f1', fragile('ha'))
    await stage.mustOm(1, 'f1 stop --wait')
    await breakOn(1, 2)
    const said = await stage.refusedOm(1, 'f1 start --wait')
    expect(said).toContain('app#1: /usr/local/bin/fragile start f1 failed with exit code 3: no licence found')
    await stage.settles(1, 'f1', ['start failed', 'start failed'])
    const { avail, resources, place } = await stage.instance(1, 'f1', 1)
    expect({ avail, flag: resources['fs#1']?.status, place: place.kind }).toEqual({
      avail: 'down',
      flag: 'down',
      place: 'none',
    })
    await mend(1, 2)
    await stage.mustOm(1, 'f1 clear')
    await stage.settles(1, 'f1', ['up', 'down'])
  })

  it('with orchestrate=no: stays on its node, until the operator has cleared it and starts it again', async () => {
    service = 'f2'
    await stage.deploy('f2', fragile('no'))
    await stage.mustOm(1, 'f2 stop --wait')
    await breakOn(1)
    expect(await stage.refusedOm(1, 'f2 start --wait')).toContain(
      'it stays down: mend that, then run: om f2 start',
    )
    await stage.settles(1, 'f2', ['start failed', 'down'])
    await mend(1)
    await stage.mustOm(1, 'f2 clear')
    await stage.settles(1, 'f2', ['down', 'down'])
    await stage.mustOm(1, 'f2 start --wait')
    await stage.settles(1, 'f2', ['up', 'down'])
  })

  it('on the best node, with orchestrate=ha: the other node takes over, and nothing moves back', async () => {
    service = 'f6'
    await stage.deploy('f6', fragile('ha'))
    await stage.mustOm(1, 'f6 stop --wait')
    await breakOn(1)
    expect(await stage.refusedOm(1, 'f6 start --wait')).toContain('orchestrate=ha starts it on node2')
    await stage.settles(1, 'f6', ['start failed', 'up'])
    await mend(1)
    await stage.mustOm(1, 'f6 clear')
    await stage.settles(1, 'f6', ['down', 'up'])
  })
})

describe('a start that fails, besides', () => {
  it('of a switch, with orchestrate=ha: it comes up again where it was', async () => {
    service = 'f3'
    await stage.deploy('f3', fragile('ha'))
    await breakOn(2)
    const said = await stage.refusedOm(1, 'f3 switch --wait')
    expect(said).toContain('start failed on node2: app#1')
    await stage.settles(1, 'f3', ['up', 'start failed'])
  })

  it('of a switch, with orchestrate=no: it stays down, and the message names the command', async () => {
    service = 'f4'
    await stage.deploy('f4', fragile('no'))
    await breakOn(2)
    const said = await stage.refusedOm(1, 'f4 switch --wait')
    expect(said).toContain('start failed on node2: app#1')
    expect(said).toContain('om f4 start')
    await stage.settles(1, 'f4', ['down', 'start failed'])
    await stage.mustOm(1, 'f4 start --wait')
    await stage.settles(1, 'f4', ['up', 'down'])
  })

  it('because a blocking trigger says no: nothing of that resource is begun', async () => {
    service = 'f5'
    await stage.deploy('f5', fragile('no', { blocking_pre_start: '/usr/bin/test ! -e /var/tmp/broken' }))
    await stage.mustOm(1, 'f5 stop --wait')
    const starts = async (): Promise<number> =>
      (await stage.logs(1, 'f5'))
        .split('\n')
        .filter((line) => line.endsWith('/usr/local/bin/fragile start f5')).length
    const before = await starts()
    await breakOn(1, 2)
    const said = await stage.refusedOm(1, 'f5 start --wait')
    expect(said).toContain(
      "app#1: blocking_pre_start: /usr/bin/test '!' -e /var/tmp/broken failed with exit code 1",
    )
    expect(await starts(), 'begun by the deployment alone').toBe(before)
    await stage.settles(1, 'f5', ['start failed', 'down'])
  })
})

describe('a command that hangs', () => {
  it('is killed with its whole process group at its time limit, and the message says so', async () => {
    service = 'h1'
    const app = { start: '/bin/sh -c "sleep 4711 & sleep 4712"', start_timeout: '1s' }
    const said = await stage.om(1, 'h1 deploy --config=- --wait', JSON.stringify(fragile('no', app)))
    expect(said.exit).toBe(1)
    expect(said.stdout + said.stderr).toMatch(
      /app#1: .*sleep 4711.* did not end within 1s and was killed with its process group/,
    )
    expect(await runsOn(1, 'sleep 471')).toBe(false)
    expect(await stage.logs(2, 'h1')).toMatch(/node1\.h1\.app#1 +ERROR .*was killed with its process group/)
  })

  it('a trigger that hangs is killed too, and where it does not block the start goes on', async () => {
    service = 'h2'
    await stage.deploy(
      'h2',
      fragile('no', { pre_start: '/bin/sh -c "sleep 4713 & sleep 4714"', start_timeout: '2s' }),
    )
    expect(await runsOn(1, 'sleep 471')).toBe(false)
    expect(await stage.logs(1, 'h2')).toMatch(/app#1 +ERROR +pre_start: .*was killed with its process group/)
  })
})

describe('a command that SIGKILL does not reach', () => {
  const onIce = async (command: string): Promise<void> =>
    void (await stage.lab.node(1).run(['sh', '-c', command]))

  beforeAll(async () => {
    const disk = await stage.lab.disk('64M')
    await stage.lab.node(2).run(['mkdir', '-p', '/mnt/ice'])
    await onIce(`mkfs.ext4 -q ${disk} && mkdir -p /mnt/ice && mount ${disk} /mnt/ice`)
  })

  afterAll(() => onIce('fsfreeze -u /mnt/ice; umount /mnt/ice'))

  it('is left behind after a bound: stop failed, not started elsewhere; once it is over, clear and stop work', async () => {
    service = 'h3'
    await stage.deploy(
      'h3',
      fragile('ha', { stop: 'sh -c "touch /mnt/ice/stopping && rm -f /run/fragile-h3"', stop_timeout: '1s' }),
    )
    await onIce('fsfreeze -f /mnt/ice')
    const said = await stage.refusedOm(1, 'h3 switch --wait')
    expect(said).toMatch(
      /stop failed on node1: app#1: sh -c .* hangs in the kernel: process group \d+ outlived SIGKILL and was left behind/,
    )
    await stage.settles(2, 'h3', ['stop failed', 'down'])
    expect((await stage.instance(2, 'h3', 1)).place.kind).toBe('held')
    await onIce('fsfreeze -u /mnt/ice')
    await stage.mustOm(1, 'h3 clear')
    await stage.mustOm(1, 'h3 switch --wait')
    await stage.settles(1, 'h3', ['down', 'up'])
  })
})
