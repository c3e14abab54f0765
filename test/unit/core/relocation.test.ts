import { describe, expect, it } from 'vitest'
import { Cluster } from '../../sim/cluster.js'
import { flagService } from '../../sim/service.js'

const two = ['node1', 'node2']
const three = ['node1', 'node2', 'node3']

function running(nodes: readonly string[], change: Parameters<typeof flagService>[2] = {}): Cluster {
  const cluster = new Cluster({ nodes, services: [flagService('db1', nodes, change)] })
  cluster.begin()
  cluster.clock.pass(2000)
  cluster.ask('node1', 'db1', 'provision')
  cluster.clock.pass(3000)
  return cluster
}

describe('an operator moves a service', () => {
  it('provision ends with the instance up on the first node', () => {
    const cluster = running(two)
    expect(cluster.up('db1')).toEqual(['node1'])
    expect(cluster.world('node2').documents['node1']?.instances['db1']?.started).toBe(true)
  })

  it('switch stops it on one node and then starts it on the other', () => {
    const cluster = running(two)
    expect(cluster.ask('node1', 'db1', 'switch')).toBe('service db1 target state set to placed@node2')
    cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.up('db1').slice(1)).toEqual([])
    const entry = cluster.world('node1').registers['target/db1']
    expect(entry?.kind === 'target' && entry.value.end).toEqual({ how: 'met', why: 'up on node2' })
  })

  it('stop freezes it, and start thaws it', () => {
    const cluster = running(two, { orchestrate: 'ha' })
    cluster.ask('node2', 'db1', 'stop')
    cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual([])
    expect(cluster.world('node1').registers['freeze/db1']?.value).toBe(true)
    cluster.ask('node2', 'db1', 'start')
    cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node1'])
  })

  it('a start that fails stays failed until it is cleared', () => {
    const cluster = running(two)
    cluster.ask('node1', 'db1', 'stop')
    cluster.clock.pass(2000)
    cluster.ailments.set('db1@node1', 'start')
    cluster.ailments.set('db1@node2', 'start')
    cluster.ask('node1', 'db1', 'start')
    cluster.clock.pass(10_000)
    expect(cluster.up('db1')).toEqual([])
    expect(cluster.world('node1').documents['node1']?.instances['db1']?.monitor).toBe('start failed')
    cluster.ailments.clear()
    cluster.clock.pass(10_000)
    expect(cluster.up('db1')).toEqual([])
    cluster.ask('node1', 'db1', 'clear')
    cluster.ask('node1', 'db1', 'start')
    cluster.clock.pass(2000)
    expect(cluster.up('db1')).toEqual(['node1'])
  })
})

describe('a node fails', () => {
  it('with orchestrate=ha the service comes up on the other node once the timeout is over', () => {
    const cluster = running(two, { orchestrate: 'ha' })
    cluster.crash('node1')
    cluster.clock.pass(4000)
    expect(cluster.up('db1')).toEqual([])
    cluster.clock.pass(2500)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.up('db1').slice(1)).toEqual([])
  })

  it('and the node that comes back starts no second instance', () => {
    const cluster = running(two, { orchestrate: 'ha' })
    cluster.crash('node1')
    cluster.clock.pass(7000)
    cluster.startDaemon('node1')
    cluster.clock.pass(60_000)
    expect(cluster.up('db1')).toEqual(['node2'])
    expect(cluster.up('db1').slice(1)).toEqual([])
  })

  it('with orchestrate=no nothing moves', () => {
    const cluster = running(two)
    cluster.crash('node1')
    cluster.clock.pass(60_000)
    expect(cluster.up('db1')).toEqual([])
  })

  it('a daemon that is killed and started again finds its service and restarts nothing', () => {
    const cluster = running(three, { orchestrate: 'ha' })
    cluster.killDaemon('node1')
    cluster.clock.pass(1000)
    cluster.startDaemon('node1')
    cluster.clock.pass(30_000)
    expect(cluster.up('db1')).toEqual(['node1'])
    expect(cluster.world('node1').documents['node1']?.instances['db1']?.started).toBe(true)
    expect(cluster.up('db1').slice(1)).toEqual([])
  })

  it('a daemon that has just started calls nobody unreachable whom it has not heard yet', () => {
    const cluster = running(three)
    cluster.ask('node1', 'db1', 'stop')
    cluster.clock.pass(2000)
    cluster.killDaemon('node1')
    cluster.network.cut('node1', 'node3')
    cluster.clock.pass(200)
    cluster.startDaemon('node1')
    cluster.clock.pass(100)
    expect(cluster.ask('node2', 'db1', 'switch', 'node3')).toContain('set to placed@node3')
    cluster.clock.pass(1000)
    cluster.network.heal()
    cluster.clock.pass(5000)
    expect(cluster.up('db1')).toEqual(['node3'])
    const entry = cluster.world('node1').registers['target/db1']
    expect(entry?.kind === 'target' && entry.value.end).toEqual({ how: 'met', why: 'up on node3' })
  })

  it('a settled cluster changes nothing', () => {
    const cluster = running(three, { orchestrate: 'ha' })
    cluster.clock.pass(20_000)
    const before = three.map((node) => cluster.world(node).documents)
    cluster.clock.pass(120_000)
    expect(three.map((node) => cluster.world(node).documents)).toEqual(before)
  })
})
