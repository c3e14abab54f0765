import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './failure.js'
import { flag, openPlayground, program, type Playground } from './keywords.js'

// Keywords of resources, and the options that select resources, each seen at work.

let c: Playground
beforeAll(async () => {
  c = await openPlayground('kwres')
})
afterAll(() => c?.end())

describe('triggers', () => {
  const around = (action: string): Readonly<Record<string, string>> => ({
    [`pre_${action}`]: `note pre ${action}`,
    [`blocking_pre_${action}`]: `note blocking pre ${action}`,
    [`post_${action}`]: `note post ${action}`,
    [`blocking_post_${action}`]: `note blocking post ${action}`,
  })

  it('run before and behind each action of their resource', async () => {
    const disk = await c.lab.disk('64M')
    const fs = { type: 'ext4', dev: disk, mnt: '/srv/{svcname}', shared: 'true' }
    await c.deploy('t1', {
      'fs#1': {
        ...fs,
        ...around('provision'),
        ...around('start'),
        ...around('stop'),
        ...around('unprovision'),
      },
    })
    const all = (action: string): readonly string[] =>
      ['pre', 'blocking pre', 'post', 'blocking post'].map((when) => `${when} ${action}`)
    expect(await c.trace(1)).toEqual([...all('provision'), ...all('start')])
    await c.done(1, 'om t1 stop --wait')
    expect(await c.trace(1)).toEqual(all('stop'))
    await c.done(1, 'om t1 start --wait')
    await c.trace(1)
    await c.purge('t1')
    expect(await c.trace(1)).toEqual([...all('stop'), ...all('unprovision')])
    expect(await c.trace(2)).toEqual([])
  })

  it('that fail: a blocking one ends the action, another one is only logged', async () => {
    await c.deploy('t2', {
      'app#1': program('t2', {
        pre_start: 'sh -c "echo mail is down >&2; exit 4"',
        post_start: 'note {rid} {svcname}',
      }),
    })
    expect(await c.trace(1)).toEqual(['t2 start', 'app#1 t2'])
    await c.logs('t2', /ERROR +pre_start: .* failed with exit code 4: mail is down/)
    await c.done(1, 'om t2 stop --wait')
    await c.done(1, 'om t2 set --kw app#1.blocking_pre_start="sh -c \\"echo no licence >&2; exit 5\\""')
    expect((await c.type(1, 'om t2 start --wait')).stderr).toContain('exit code 5: no licence')
    await c.settles('t2', ['start failed', 'down'])
    expect(await c.trace(1)).toEqual(['t2 stop'])
    await c.purge('t2')
  })
})

describe('requires', () => {
  it('met, the action goes on; unmet, it is refused with what it wants', async () => {
    await c.deploy('r1', { 'fs#1': flag(), 'app#1': program('r1', { start_requires: 'fs#1' }) })
    await c.done(1, 'om r1 stop --wait')
    await c.done(1, "om r1 set --kw 'app#1.start_requires=fs#1(down,stdby up)'")
    expect((await c.type(1, 'om r1 start --wait')).stderr).toContain(
      'app#1: start is refused: fs#1 is up, and start_requires wants it down or stdby up',
    )
    expect(await c.resources('r1', 1)).toEqual({ 'fs#1': 'down', 'app#1': 'down' })
    expect(await c.refused(1, "om r1 set --kw 'app#1.stop_requires=fs#2'")).toContain(
      'app#1.stop_requires names fs#2, which this service does not have; did you mean fs#1?',
    )
    await c.purge('r1')
  })
})

it('standby: up on the passive node too, restarted there, and stopped by force alone', async () => {
  await c.deploy('s1', { 'fs#1': flag({ standby: 'true' }), 'app#1': program('s1') })
  await c.settles('s1', ['up', 'stdby up'])
  expect(await c.resources('s1', 2)).toEqual({ 'fs#1': 'stdby up', 'app#1': 'down' })
  expect(await c.done(2, 'om s1 print status --color never')).toMatch(/fs#1 +\.{6}S\. stdby up/)
  await c.done(2, 'rm /run/longshore/flags/s1/*')
  await c.logs('s1', 'restart resource fs#1: not up, try ')
  await until('it is up again', async () => (await c.resources('s1', 2))['fs#1'] === 'stdby up')
  await c.done(1, 'om s1 switch --wait')
  await c.settles('s1', ['stdby up', 'up'])
  await c.done(1, 'om s1 stop --wait')
  await c.settles('s1', ['stdby up', 'stdby up'])
  await c.done(1, 'om s1 stop --local --force')
  expect(await c.resources('s1', 1)).toEqual({ 'fs#1': 'stdby down', 'app#1': 'down' })
  // What is unmade is down, and nobody takes it up again.
  await c.purge('s1')
  for (const node of [1, 2])
    expect(await c.done(node, 'find /run/longshore/flags -name "fs#1.flag"')).toBe('')
  expect((await c.done(2, 'om node logs')).split('do unprovision')[1]).not.toContain('do prepare')
})

it('optional: its failure is logged, the service is up, and overall warns', async () => {
  await c.breaks(1, 'o1', 'start')
  await c.deploy('o1', { 'fs#1': flag(), 'app#1': program('o1', { optional: 'true' }) })
  const { avail, overall } = await c.status('o1')
  expect({ avail, overall }).toEqual({ avail: 'up', overall: 'warn' })
  await c.logs('o1', /app#1 +ERROR +.*o1 will not start/)
  await c.logs('o1', /app#1 +WARN +provision goes on: the resource is optional/)
  expect(await c.done(1, 'om o1 print status --color never')).toMatch(/app#1 +\.\.\.O\.\.\.\. down/)
  await c.mends(1, 'o1', 'start')
  await c.purge('o1')
})

it('subset: its resources start one after the other, or at the same time where it is parallel', async () => {
  const meet = (a: string, b: string): Readonly<Record<string, string>> => ({
    ...program(a, { subset: 'pair', start: `meet ${a} ${b}`, check: `test -e /run/meet-${a}` }),
    stop: `rm -f /run/meet-${a}`,
  })
  await c.deploy('p1', {
    'subset#app:pair': { parallel: 'true' },
    'app#1': meet('one', 'two'),
    'app#2': meet('two', 'one'),
  })
  await c.done(1, 'om p1 stop --wait')
  await c.done(1, 'om p1 set --kw subset#app:pair.parallel=false')
  expect((await c.type(1, 'om p1 start --wait')).stderr).toContain('two did not come')
  await c.purge('p1')
})

it('tags, subsets, rids and barriers select what an action does', async () => {
  await c.deploy('x1', {
    'fs#1': flag({ tags: 'a b' }),
    'fs#2': flag({ tags: 'noaction' }),
    'app#1': program('first', { tags: 'a', subset: 's' }),
    'app#2': program('second', { tags: 'nostatus', subset: 't' }),
  })
  const up = { 'fs#1': 'up', 'fs#2': 'down', 'app#1': 'up', 'app#2': 'n/a' }
  expect(await c.resources('x1', 1)).toEqual(up)
  await c.trace(1)
  const after = async (line: string): Promise<readonly string[]> => {
    await c.done(1, line)
    return c.trace(1)
  }
  expect(await after('om x1 stop --tags a+b')).toEqual([])
  expect(await c.resources('x1', 1)).toEqual({ ...up, 'fs#1': 'down' })
  expect(await after('om x1 start --rid fs')).toEqual([])
  expect(await after('om x1 stop --subsets app:t')).toEqual(['second stop'])
  expect(await after('om x1 stop --downto app')).toEqual(['first stop'])
  expect(await c.resources('x1', 1)).toEqual({ ...up, 'app#1': 'down' })
  expect(await after('om x1 start --tags a')).toEqual(['first start'])
  expect(await after('om x1 stop --local')).toEqual(['first stop'])
  expect(await after('om x1 start --upto fs')).toEqual([])
  expect(await c.resources('x1', 1)).toEqual({ ...up, 'app#1': 'down' })
  expect(await c.refused(1, 'om x1 start --rid fs#9')).toContain('no resource of x1 matches --rid fs#9')
  expect(await c.refused(1, 'om x1 start --rid fs#2')).toContain('fs#2')
  await c.purge('x1')
})

it('disable and enable, of a resource and of the whole service; show_disabled', async () => {
  await c.deploy('d1', { 'fs#1': flag(), 'fs#2': flag(), 'app#1': program('d1') })
  await c.done(1, 'om d1 disable --rid fs#2')
  await until('it is n/a', async () => (await c.resources('d1', 1))['fs#2'] === 'n/a')
  expect(await c.done(1, 'om d1 print status --color never')).toMatch(/fs#2 +\.\.D\.\.\.\.\. n\/a/)
  await c.done(1, 'om d1 set --kw show_disabled=false')
  await until('it is not shown', async () => !(await c.done(1, 'om d1 print status')).includes('fs#2'))
  await c.done(1, 'om d1 enable --rid fs#2')
  await until('it is shown, and up as it was', async () => (await c.resources('d1', 1))['fs#2'] === 'up')
  await c.done(1, 'om d1 stop --wait')
  await c.done(1, 'om d1 disable')
  expect((await c.type(1, 'om d1 start --wait')).stderr).toContain(
    'no node can start it: d1 is disabled (run: om d1 enable)',
  )
  await c.done(1, 'om d1 enable')
  await c.done(1, 'om d1 start --wait')
  await c.purge('d1')
})

it('directory, tmpfs, ip.host and app.simple in one service, which moves', async () => {
  await c.deploy('m1', {
    'ip#1': { ipname: '192.168.100.77', ipdev: 'bond0', netmask: '24' },
    'fs#1': { type: 'tmpfs', mnt: '/srv/{svcname}', size: '16m', comment: 'only for a while' },
    'fs#2': { type: 'directory', path: '/srv/{svcname}/data', user: 'daemon', group: 'daemon', perm: '0750' },
    'app#1': { type: 'simple', start: 'sleep 4720', cwd: '{fs#2.path}', user: 'daemon' },
  })
  const there = async (node: number): Promise<string> =>
    (
      await c.type(
        node,
        'stat -c "%U %a" /srv/m1/data; findmnt -no FSTYPE,SIZE /srv/m1; ps -o user= -p $(pgrep -fx "sleep 4720"); ip -br address show dev bond0',
      )
    ).stdout
  const all = /^daemon 750\ntmpfs +16M\ndaemon\n.*192\.168\.100\.77\/24/
  expect(await there(1)).toMatch(all)
  await c.done(1, 'om m1 switch --wait')
  expect(await there(2)).toMatch(all)
  expect(await there(1)).not.toMatch(/tmpfs|\.77/)
  expect((await c.type(1, 'ping -c1 -w2 192.168.100.77')).exit).toBe(0)
  await c.purge('m1')
})

it('start_timeout and stop_timeout of a program: it is killed, and what follows is as for a failure', async () => {
  await c.create('h1', {
    'app#1': program('h1', { start: 'sleep 4721', start_timeout: '300ms' }),
  })
  await c.done(1, 'om h1 provision --wait || true')
  await c.logs('h1', /app#1 +ERROR +.*sleep 4721 did not end within 300ms and was killed/)
  await c.settles('h1', ['provision failed', 'down'])
  await c.done(
    1,
    "om h1 set --kw 'app#1.start=program h1 start' --kw app#1.stop='sleep 4722' --kw app#1.stop_timeout=300ms",
  )
  await c.done(1, 'om h1 provision --wait')
  expect((await c.type(1, 'om h1 stop --wait')).stderr).toContain('sleep 4722 did not end within 300ms')
  await c.settles('h1', ['stop failed', 'down'])
  await c.done(1, "om h1 set --kw 'app#1.stop=program h1 stop'")
  await c.done(1, 'om h1 stop --wait')
  await c.purge('h1')
})

it('rollback=false: what had started stays, and the other node does not start', async () => {
  await c.deploy('b1', {
    DEFAULT: { rollback: 'false', orchestrate: 'ha' },
    'fs#1': flag(),
    'app#1': program('b1'),
  })
  await c.done(1, 'om b1 stop --wait')
  await c.breaks(1, 'b1', 'start')
  expect((await c.type(1, 'om b1 start --wait')).stderr).toContain(
    'rollback=false leaves fs#1 up there, so nothing is started elsewhere',
  )
  await c.settles('b1', ['start failed', 'down'])
  expect(await c.resources('b1', 1)).toEqual({ 'fs#1': 'up', 'app#1': 'down' })
  await c.mends(1, 'b1', 'start')
  await c.done(1, 'om b1 start --wait')
  await c.settles('b1', ['up', 'down'])
  await c.purge('b1')
})

it('what is not shared is provisioned on every node, and a scoped keyword differs between them', async () => {
  await c.deploy('n1', {
    'disk#1': { type: 'loop', file: '/var/tmp/{svcname}-{nodename}.img', size: '4m', 'size@node2': '8m' },
    'app#1': program('n1', { 'post_start@node2': 'note only here' }),
  })
  expect(await c.done(1, 'stat -c %s /var/tmp/n1-node1.img')).toBe(`${4 << 20}\n`)
  expect(await c.done(2, 'stat -c %s /var/tmp/n1-node2.img')).toBe(`${8 << 20}\n`)
  expect((await c.trace(1)).slice(-1)).toEqual(['n1 start'])
  await c.done(1, 'om n1 switch --wait')
  expect((await c.trace(2)).slice(-2)).toEqual(['n1 start', 'only here'])
  expect((await c.done(2, 'om n1 get --eval --kw disk#1.size')).trim()).toMatch(/8/)
  await c.purge('n1')
})

it('the exit code of status is its number', async () => {
  const code = async (): Promise<number> => (await c.type(1, 'om e1 status')).exit
  await c.deploy('e1', { 'fs#1': flag(), 'app#1': program('e1') })
  expect(await code()).toBe(0)
  await c.dies(1, 'e1')
  await until('up and down together is warn', async () => (await code()) === 2)
  await c.done(1, 'om e1 stop --wait')
  expect(await code()).toBe(1)
  await c.purge('e1')
})
