import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ClusterStatus } from '../../src/daemon/api/contract.js'
import { openLab } from '../lab/index.js'
import { clusterOn, type Cluster } from './cluster.js'
import { certificateOfAge, ask, validTo } from './certificates.js'
import { until } from './failure.js'

// A cluster's life from nothing to three nodes and back: each step begins where the one before it ended.

let c: Cluster

beforeAll(async () => {
  c = clusterOn(await openLab({ name: 'memb', nodes: 3, docker: false, cluster: false }))
})
afterAll(() => c?.end())

const token = async (): Promise<string> => (await c.done(1, 'om cluster token')).trim()
const nodeLog = (node: number): Promise<string> => c.done(node, 'om node logs')
const members = async (askedOn: number): Promise<string> =>
  (await c.done(askedOn, 'om cluster get --kw cluster.nodes')).trim()
const says = (node: number, line: string): Promise<void> =>
  until(`node${node} says ${line}`, async () => (await nodeLog(node)).includes(line))
const allHeard = (): Promise<void> =>
  until('every node hears every other one', async () => {
    for (const node of [1, 2, 3]) {
      const status = JSON.parse(await c.done(node, 'om mon --format json')) as ClusterStatus
      if (status.nodes.length < 3 || !status.nodes.every(({ reachable }) => reachable)) return false
    }
    return true
  })
const flag = (more: object = {}): string =>
  JSON.stringify({ DEFAULT: { orchestrate: 'ha', ...more }, 'fs#1': { type: 'flag' } })

it('without a cluster: each command says what to do first', async () => {
  const none =
    "this node belongs to no cluster: run 'om cluster init' here, or 'om cluster join TOKEN' with a member's token"
  expect(await c.refused(1, 'om db1 start')).toContain(none)
  expect(await c.refused(1, 'om node logs')).toBe(none)
  expect(await c.refused(1, 'om cluster leave')).toBe('this node belongs to no cluster')
  expect(await c.refused(1, 'om cluster token')).toBe(
    "this node belongs to no cluster: run 'om cluster init' first",
  )
  expect(await c.type(1, 'om cluster check')).toMatchObject({
    exit: 1,
    stdout: expect.stringContaining("make one with 'om cluster init'"),
  })
})

it('a cluster begins with one node, once', async () => {
  expect(await c.done(1, 'om cluster init paris')).toBe('cluster paris made, with node1 as its first node\n')
  expect(await c.refused(1, 'om cluster init lyon')).toBe(
    'this node belongs to cluster paris already: leave it first with om cluster leave',
  )
})

it('others join with a token, one each; a used one and a mistyped one are refused', async () => {
  const first = await token()
  expect(await c.done(2, `om cluster join ${first}`)).toBe('node node2 joined cluster paris\n')
  expect(await c.refused(3, `om cluster join ${first}`)).toBe(
    'the join token was already used by node2: make a new one with om cluster token',
  )
  const second = await token()
  expect(await c.refused(3, `om cluster join ${second.slice(0, -1)}`)).toContain('incomplete or mistyped')
  expect(await c.done(3, `om cluster join ${second} --address 192.168.100.103`)).toBe(
    'node node3 joined cluster paris\n',
  )
  await allHeard()
  for (const node of [1, 2, 3]) expect(await members(node)).toBe('node1 node2 node3')
  expect(await nodeLog(2)).toContain('node node3 joins the cluster')
})

it('status and check show the paths, and how far this cluster is protected', async () => {
  const screen = await c.done(1, 'om cluster status --color never')
  expect(screen).toMatch(/hb#0 +beating +\| \/ +O [\d.]+ms +O [\d.]+ms/)
  expect(screen).toMatch(/hb#1 +beating +\| \/ +O [\d.]+ms *$/m)
  expect(await c.type(1, 'om cluster check')).toEqual({
    exit: 1,
    stderr: '',
    stdout: [
      'warn: unprotected against split brain (quorum is off): the crash of a node is covered; a partition or a paused node is not, since both halves may start a service then; name a fencing agent for each node (stonith#NODE), set cluster.quorum=true with a witness where there are two nodes, or at least connect the nodes over two networks that fail apart',
      'warn: node node3 is heard over one path only: give it a second address on another network',
      '',
    ].join('\n'),
  })
  await c.lab.cut(1, 2, 1)
  await until('the cut path is stale', async () =>
    /hb#1 +stale +\| \/ +X [\d.]+s/.test(await c.done(1, 'om cluster status --color never')),
  )
  expect((await c.type(1, 'om cluster check')).stdout).toContain(
    'warn: the heartbeat path to node2 over 192.168.101.102 is stale for',
  )
  expect(await c.done(1, 'om cluster status --color never')).toMatch(
    /^ hb#1 +node2 +192\.168\.101\.102 +stale +[\d.]+s\d* +[1-9]\d*% +[\d.]+ms$/m,
  )
  await c.lab.heal()
})

it('timers that cannot hold are refused with the numbers, good ones hold everywhere at once', async () => {
  const set = (...kws: readonly string[]): string =>
    `om cluster set ${kws.map((kw) => `--kw ${kw}`).join(' ')}`
  expect(await c.refused(2, set('heartbeat.timeout=1s'))).toContain(
    'heartbeat.timeout must be at least three times heartbeat.interval: 1s is less than 3 × 500ms = 1s500ms',
  )
  expect(await c.refused(2, set('node.claim_life=10s'))).toContain(
    'node.claim_life must be more than twice heartbeat.timeout: 10s is not more than 2 × 5s = 10s',
  )
  expect(await c.refused(2, set('heartbeat.timout=2s'))).toContain('did you mean timeout?')
  await c.done(2, set('heartbeat.interval=250ms', 'heartbeat.timeout=3s'))
  for (const node of [1, 2, 3]) {
    await until('it has arrived', async () =>
      (await c.done(node, 'om cluster get --kw heartbeat.timeout')).startsWith('3s'),
    )
  }
  await c.lab.node(3).killDaemon()
  await says(1, 'node node3 is silent on every path for 3 s')
  await says(2, 'node node3 is silent on every path for 3 s')
  expect((await c.type(1, 'om cluster check')).stdout).toContain('warn: node node3 is not heard')
  await c.lab.node(3).startDaemon()
  await allHeard()
})

it('a node that holds something may not leave; drained it may, and the others go on', async () => {
  await c.done(1, 'om everywhere deploy --config=- --wait', { input: flag() })
  await c.done(1, 'om some deploy --config=- --wait', { input: flag({ nodes: 'node3 node1' }) })
  expect(await c.upOn('some')).toEqual(['node3'])
  expect(await c.refused(3, 'om cluster leave')).toBe(
    'node3 still holds some: move them away first with om node drain',
  )
  expect(await c.done(3, 'om node drain --wait')).toBe(
    'node node3 frozen, 1 service moves away\nnode node3 is drained\n',
  )
  await c.done(3, 'cp -a /var/lib/longshore/certificates /root/former')
  expect(await c.done(3, 'om cluster leave')).toBe('node node3 left cluster paris\n')
  for (const node of [1, 2]) {
    expect(await members(node)).toBe('node1 node2')
    expect(await nodeLog(node)).toContain('node node3 leaves the cluster')
  }
  expect(await c.done(1, 'om cluster status')).not.toContain('node3')
  expect((await nodeLog(1)).split('node3 leaves')[1]).not.toContain('silent')
  expect(await c.upOn('some', 2)).toEqual(['node1'])
  expect((await c.status('everywhere', 2)).instances.map(({ node }) => node)).toEqual(['node1', 'node2'])
  await c.done(1, 'om everywhere switch --wait')
  expect(await c.upOn('everywhere')).toEqual(['node2'])
  // Nobody waits for a word of who has left, and nothing is unprotected for want of it.
  expect((await c.log('everywhere', 2)).join('\n')).not.toContain('unprotected')
})

it('who has left gets nothing, nor has another cluster a word to say here', async () => {
  const refusal = {
    status: 403,
    message: expect.stringContaining('only members of this cluster are answered here'),
  }
  expect(await ask(c.lab.node(3), c.lab.node(1).address, '/root/former')).toEqual(refusal)
  expect(await c.done(3, 'om cluster init paris')).toBe('cluster paris made, with node3 as its first node\n')
  expect(await ask(c.lab.node(3), c.lab.node(1).address, '/var/lib/longshore/certificates')).toEqual(refusal)
  expect(await ask(c.lab.node(3), c.lab.node(1).address, null)).toEqual(refusal)
  expect(await c.done(3, 'om cluster leave')).toBe('node node3 left cluster paris\n')
})

it('the name of a member is not taken by another machine', async () => {
  const { stopDaemon, startDaemon } = c.lab.node(3)
  await stopDaemon()
  await c.done(3, 'hostname node2')
  await startDaemon()
  expect(await c.refused(3, `om cluster join ${await token()}`)).toBe(
    'the cluster knows node2 as another machine: give this one another name, or let the old one leave first; if that is gone for good take it out of cluster.nodes, and run: om node confirm-off node2',
  )
  await stopDaemon()
  await c.done(3, 'hostname node3')
  await startDaemon()
  expect(await members(1)).toBe('node1 node2')
})

it('a clone of a member is named on every node, until it has left, has an id of its own and has joined again', async () => {
  const node = c.lab.node(3)
  const idOf = async (one: number): Promise<string> => (await c.done(one, 'cat /etc/machine-id')).trim()
  const joinAs = async (id: string): Promise<void> => {
    await node.stopDaemon()
    await c.done(3, `sh -c "echo ${id} > /etc/machine-id"`)
    await node.startDaemon()
    await c.done(3, `om cluster join ${await token()}`)
    await allHeard()
  }
  const own = await idOf(3)
  await joinAs(await idOf(1))
  for (const asked of [1, 2, 3])
    expect((await c.type(asked, 'om cluster check')).stdout).toContain(
      'warn: node node1, node node3 have the same machine id: where that is one machine its loss takes 2 nodes at once, so put all but one of them elsewhere; where one is a clone of the other let it leave the cluster',
    )
  await c.done(3, 'om cluster leave')
  await joinAs(own)
  for (const asked of [1, 2, 3])
    expect((await c.type(asked, 'om cluster check')).stdout).not.toContain('machine id')
  await c.done(3, 'om cluster leave')
})

it('it joins again under its name, is thawed, and takes part as before', async () => {
  expect(await c.done(3, `om cluster join ${await token()}`)).toBe('node node3 joined cluster paris\n')
  await until('both paths are there', async () =>
    /hb#1 +beating +\| \/ +O [\d.]+ms +O [\d.]+ms/.test(await c.done(1, 'om cluster status --color never')),
  )
  await until('it has looked at its services', async () => {
    const { instances } = await c.status('some')
    return (
      instances.map(({ node, instance }) => `${node} ${instance?.avail}`).join() === 'node3 down,node1 up'
    )
  })
  expect(await c.done(1, 'om mon --sections nodes --color never')).toMatch(/state +\| idle +idle +idle$/m)
  await c.done(1, 'om some provision --wait')
  await c.done(1, 'om some giveback --wait')
  expect(await c.upOn('some')).toEqual(['node3'])
})

it('a member whose machine was given another name does not start as somebody else', async () => {
  await c.lab.node(3).stopDaemon()
  await c.done(3, 'hostname node9')
  await expect(c.lab.node(3).startDaemon()).rejects.toThrow(
    'this machine is a member of its cluster by the name node3 and is called node9 now: call it node3 again',
  )
  await c.done(3, 'hostname node3')
  await c.lab.node(3).startDaemon()
  await allHeard()
  expect(await c.upOn('some')).toEqual(['node3'])
})

it.each([
  ['in its last third', -250],
  ['past its end', -400],
])('a certificate %s is renewed by its node, which stays a member', async (_, issuedDays) => {
  const node = c.lab.node(2)
  await node.stopDaemon()
  await certificateOfAge(node, issuedDays)
  await node.startDaemon()
  await allHeard()
  expect(await c.done(2, 'om node logs -n 50')).toContain('the certificate of this node was renewed')
  expect(await validTo(node)).toBeGreaterThan(Date.now() + 360 * 24 * 3600 * 1000)
})

it('a machine that is gone for good is replaced by another one under its name', async () => {
  const node = c.lab.node(3)
  await node.crash()
  await until('it is missed', async () =>
    (await c.type(1, 'om cluster check')).stdout.includes('node node3 is not heard'),
  )
  await c.done(1, 'om cluster unset --kw node#node3')
  await c.done(1, 'om cluster set --kw cluster.nodes-=node3')
  await c.done(1, 'om node confirm-off node3 --yes')
  await until('it has moved', async () => (await c.upOn('some')).join() === 'node1')
  await node.boot()
  await node.stopDaemon()
  await c.done(3, 'rm -rf /var/lib/longshore /etc/longshore/cluster.yaml')
  await c.done(3, 'sh -c "tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id"')
  await node.startDaemon()
  expect(await c.done(3, `om cluster join ${await token()}`)).toBe('node node3 joined cluster paris\n')
  await allHeard()
  await c.done(1, 'om some provision --wait')
  await c.done(1, 'om some switch --node node3 --wait')
  expect(await c.upOn('some', 2)).toEqual(['node3'])
})
