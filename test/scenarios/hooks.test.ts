import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCluster, type Cluster } from './cluster.js'
import { until } from './failure.js'

let c: Cluster

beforeAll(async () => {
  c = await openCluster({ name: 'hooks', nodes: 2, containers: false })
  await c.done(1, 'om cluster set --kw heartbeat.interval=250ms --kw heartbeat.timeout=2500ms')
})
afterAll(() => c?.end())

type Told = Readonly<Record<string, unknown>>

const configure = (...kws: readonly string[]): Promise<string> =>
  c.done(1, `om cluster set ${kws.map((kw) => `--kw '${kw}'`).join(' ')}`)

const appending = (file: string): string => `/bin/sh -c "cat >>/var/tmp/${file}"`

/** What a hook of a node was told so far, without what differs from run to run. */
async function told(node: number, file: string): Promise<readonly Told[]> {
  const { stdout } = await c.type(node, `cat /var/tmp/${file}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Told)
}

const isTold = (node: number, file: string, event: Told): Promise<void> =>
  until(`node${node} tells ${JSON.stringify(event)} to ${file}`, async () => {
    const match = (one: Told): boolean => Object.entries(event).every(([key, value]) => one[key] === value)
    return (await told(node, file)).some(match)
  })

const logged = (node: number, what: string): Promise<void> =>
  until(`the log of node${node} has: ${what}`, async () =>
    (await c.done(node, 'om node logs')).includes(what),
  )

it('an event that there is not is refused, with those that there are', async () => {
  expect(
    await c.refused(1, `om cluster set --kw hook#1.events=breakfast --kw hook#1.command=true`),
  ).toContain(
    'hook#1.events: there is no event breakfast; known: instance_status, instance_monitor, target_set, target_ended, node_silent, node_heard, *',
  )
  expect(await c.refused(1, `om cluster set --kw hook#1.events=node_heard`)).toContain('hook#1 needs command')
})

it('each node tells of its own instances, and all of targets and of the nodes that they hear', async () => {
  await configure('hook#all.events=*', `hook#all.command=${appending('all')}`)
  await configure('hook#ends.events=target_ended', `hook#ends.command=${appending('ends')}`)
  const db1 = { DEFAULT: { orchestrate: 'no' }, 'fs#1': { type: 'flag' } }
  await c.done(1, 'om db1 deploy --config=- --wait', { input: JSON.stringify(db1) })
  await c.done(1, 'om db1 switch --wait')
  const moved = {
    event: 'target_ended',
    service: 'db1',
    target: 'placed@node2',
    how: 'met',
    why: 'up on node2',
  }
  for (const node of [1, 2]) {
    await isTold(node, 'all', { event: 'target_set', service: 'db1', target: 'placed@node2' })
    await isTold(node, 'all', { ...moved, seen_by: `node${node}` })
    await isTold(node, 'ends', moved)
    expect(new Set((await told(node, 'ends')).map(({ event }) => event))).toEqual(new Set(['target_ended']))
  }
  const own = (await told(2, 'all')).filter(({ event }) => event === 'instance_status')
  expect(own.at(-1)).toEqual({
    event: 'instance_status',
    service: 'db1',
    node: 'node2',
    avail: 'up',
    was: 'down',
    seen_by: 'node2',
  })
  expect(new Set(own.map(({ node }) => node))).toEqual(new Set(['node2']))
  await isTold(1, 'all', { event: 'instance_monitor', service: 'db1', node: 'node1', monitor: 'stopping' })
})

it('a peer that falls silent, and is heard again', async () => {
  await c.lab.node(2).killDaemon()
  await isTold(1, 'all', { event: 'node_silent', node: 'node2', seen_by: 'node1' })
  await c.lab.node(2).startDaemon()
  await isTold(1, 'all', { event: 'node_heard', node: 'node2' })
  await c.done(1, 'om cluster unset --kw hook#all --kw hook#ends')
})

it('a hook that hangs is in the way of nothing, and is ended with its definition', async () => {
  await configure('hook#slow.events=*', 'hook#slow.command=sleep 4711', 'hook#slow.timeout=1h')
  await c.done(1, 'om db1 switch --wait')
  expect(await c.upOn('db1')).toEqual(['node1'])
  for (const node of [1, 2]) expect(await c.type(node, 'pgrep -fx "sleep 4711"')).toMatchObject({ exit: 0 })
  await c.done(1, 'om cluster unset --kw hook#slow')
  for (const node of [1, 2])
    await until('it is gone', async () => (await c.type(node, 'pgrep -fx "sleep 4711"')).exit === 1)
})

it('a hook is killed at its timeout with all that it started, and the log says so', async () => {
  await configure(
    'hook#late.events=target_ended',
    'hook#late.command=/bin/sh -c "sleep 4712 & sleep 4713"',
    'hook#late.timeout=300ms',
  )
  await c.done(1, 'om db1 switch --wait')
  for (const node of [1, 2]) {
    await logged(
      node,
      "hook#late: target_ended: /bin/sh -c 'sleep 4712 & sleep 4713' did not end within 300ms",
    )
    expect(await c.type(node, 'pgrep -fx "sleep 471[23]"')).toMatchObject({ stdout: '' })
  }
  await c.done(1, 'om cluster unset --kw hook#late')
})

it('one that fails, or is not there, is told of in the log, and the daemon ends what still runs', async () => {
  await configure('hook#1.events=target_ended', 'hook#1.command=/bin/sh -c "echo no mail server >&2; exit 3"')
  await configure('hook#2.events=target_ended', 'hook#2.command=/usr/local/bin/nothing')
  await configure('hook#3.events=target_ended', 'hook#3.command=sleep 4714', 'hook#3.timeout=1h')
  await c.done(1, 'om db1 switch --wait')
  await logged(1, 'failed with exit code 3: no mail server')
  await logged(1, 'hook#2: target_ended: /usr/local/bin/nothing cannot be run on this node')
  await until('the third one runs', async () => (await c.type(1, 'pgrep -fx "sleep 4714"')).exit === 0)
  await c.lab.node(1).stopDaemon()
  expect(await c.type(1, 'pgrep -fx "sleep 4714"')).toMatchObject({ exit: 1 })
  await c.lab.node(1).startDaemon()
})
