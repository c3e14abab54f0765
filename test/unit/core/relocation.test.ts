import { describe, expect, it } from 'vitest'
import { Cluster } from '../../sim/cluster.js'
import { flagService } from '../../sim/service.js'

const two = ['node1', 'node2']
const three = ['node1', 'node2', 'node3']

async function running(nodes: readonly string[], change: Parameters<typeof flagService>[2] = {}): Promise<Cluster> {
  const cluster = new Cluster({ nodes, services: [flagService('db1', nodes, change)] })
  cluster.begin()
  await cluster.clock.pass(2000)
  cluster.ask('node1', 'db1', 'provision')
  await cluster.clock.pass(3000)
  return cluster
}

describe('an operator moves a service', () => {
  it('provision ends with the instance up on the first node', async () => {
    const cluster = await running(two)
    expect(cluster.up('db1')).toEqual(['node1'])
    expect(cluster.world('node2').documents['node1']?.instances['db1']?.started).toBe(true)
  })

  it('switch stops it on one node and then starts it on the other', async () => {
    const cluster = await running(two)
    expect(cluster.ask('node1', 'db1', 'switch')).toBe('service db1 target state set to placed@node2')
    await cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.duplicates).toEqual([])
    const entry = cluster.world('node1').registers['target/db1']
    expect(entry?.kind === 'target' && entry.value.end).toEqual({ how: 'met', why: 'up on node2' })
  })

  it('stop freezes it, and start thaws it', async () => {
    const cluster = await running(two, { orchestrate: 'ha' })
    cluster.ask('node2', 'db1', 'stop')
    await cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual([])
    expect(cluster.world('node1').registers['freeze/db1']?.value).toBe(true)
    cluster.ask('node2', 'db1', 'start')
    await cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node1'])
  })

  it('a start that fails stays failed until it is cleared', async () => {
    const cluster = await running(two)
    cluster.ask('node1', 'db1', 'stop')
    await cluster.clock.pass(2000)
    cluster.failing.add('db1@node1')
    cluster.failing.add('db1@node2')
    cluster.ask('node1', 'db1', 'start')
    await cluster.clock.pass(10_000)
    expect(cluster.up('db1')).toEqual([])
    expect(cluster.world('node1').documents['node1']?.instances['db1']?.monitor).toBe('start failed')
    cluster.failing.clear()
    await cluster.clock.pass(10_000)
    expect(cluster.up('db1')).toEqual([])
    cluster.ask('node1', 'db1', 'clear')
    cluster.ask('node1', 'db1', 'start')
    await cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node1'])
  })
})

describe('a node fails', () => {
  it('with orchestrate=ha the service comes up on the other node once the timeout is over', async () => {
    const cluster = await running(two, { orchestrate: 'ha' })
    cluster.crash('node1')
    await cluster.clock.pass(4000)
    expect(cluster.up('db1')).toEqual([])
    await cluster.clock.pass(2500)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.duplicates).toEqual([])
  })

  it('and the node that comes back starts no second instance', async () => {
    const cluster = await running(two, { orchestrate: 'ha' })
    cluster.crash('node1')
    await cluster.clock.pass(7000)
    cluster.startDaemon('node1')
    await cluster.clock.pass(60_000)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.duplicates).toEqual([])
  })

  it('with orchestrate=no nothing moves', async () => {
    const cluster = await running(two)
    cluster.crash('node1')
    await cluster.clock.pass(60_000)
    expect(cluster.up('db1')).toEqual([])
  })

  it('a daemon that is killed and started again finds its service and restarts nothing', async () => {
    const cluster = await running(three, { orchestrate: 'ha' })
    cluster.killDaemon('node1')
    await cluster.clock.pass(1000)
    cluster.startDaemon('node1')
    await cluster.clock.pass(30_000)
    expect(cluster.up('db1')).toEqual(['node1'])
    expect(cluster.world('node1').documents['node1']?.instances['db1']?.started).toBe(true)
    expect(cluster.duplicates).toEqual([])
  })

  it('a settled cluster changes nothing', async () => {
    const cluster = await running(three, { orchestrate: 'ha' })
    await cluster.clock.pass(20_000)
    const before = three.map((node) => cluster.world(node).documents)
    await cluster.clock.pass(120_000)
    expect(three.map((node) => cluster.world(node).documents)).toEqual(before)
  })
})
