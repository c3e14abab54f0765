import { expect, test } from 'vitest'
import { ownDocument } from '../../src/core/view.js'
import type { NodeDocument } from '../../src/core/document.js'
import { beginningFor } from '../../src/daemon/members.js'
import { storeCluster } from '../../src/daemon/stored-cluster.js'
import { Cluster } from './cluster.js'
import { reconfigure } from './reconfigure.js'
import { flagService } from './service.js'

const nodes = ['node1', 'node2', 'node3']

/** The service runs on node1, which is cut off: node2 has it by its own word and that of node3. */
function takenOver(): Cluster {
  const services = [flagService('db1', nodes, { orchestrate: 'ha' })]
  const cluster = new Cluster({ nodes, services, quorum: true })
  cluster.begin()
  cluster.clock.pass(2000)
  cluster.ask('node1', 'db1', 'provision')
  cluster.clock.pass(20_000)
  expect(cluster.up('db1')).toEqual(['node1'])
  cluster.isolate('node1')
  cluster.clock.pass(20_000)
  expect(cluster.up('db1')).toEqual(['node2'])
  return cluster
}

const saidOn = (cluster: Cluster, node: string): NodeDocument => ownDocument(cluster.world(node))

function bootRolledBack(cluster: Cluster, node: string, ms: number): void {
  cluster.crash(node)
  cluster.machine(node).store.rollBack(cluster.clock.nowMs() - ms)
  cluster.startDaemon(node)
}

test('a voter whose store is as it was before it evicted somebody is reminded of that, and says so', () => {
  const cluster = takenOver()
  const { evictions } = saidOn(cluster, 'node3')
  expect(Object.keys(evictions)).toEqual(['node1'])
  bootRolledBack(cluster, 'node3', 19_000)
  expect(saidOn(cluster, 'node3')).toMatchObject({ evictions: {} })
  cluster.clock.pass(1000)
  expect(saidOn(cluster, 'node3')).toMatchObject({ evictions, rolledBack: true })
  cluster.killDaemon('node3')
  cluster.startDaemon('node3')
  expect(saidOn(cluster, 'node3')).toMatchObject({ rolledBack: true })
})

test('a voter that forgot its last lives is reminded all the same, though others have seen a later one', () => {
  const cluster = takenOver()
  const { evictions, incarnation } = saidOn(cluster, 'node3')
  for (const _ of [1, 2]) {
    cluster.killDaemon('node3')
    cluster.startDaemon('node3')
    cluster.clock.pass(1000)
  }
  bootRolledBack(cluster, 'node3', 21_000)
  expect(saidOn(cluster, 'node3')).toMatchObject({ evictions: {}, incarnation: incarnation + 1 })
  cluster.clock.pass(1000)
  expect(saidOn(cluster, 'node3')).toMatchObject({
    evictions,
    rolledBack: true,
    incarnation: incarnation + 3,
  })
  // What it goes on above is on its disk: the next daemon does not go below.
  cluster.killDaemon('node3')
  cluster.startDaemon('node3')
  expect(saidOn(cluster, 'node3').incarnation).toBe(incarnation + 4)
})

test('a voter whose store is lost is no member; let in again under its name it is reminded, and has no older store', () => {
  const cluster = takenOver()
  const { evictions } = saidOn(cluster, 'node3')
  reconfigure(cluster, 'node2', { members: nodes, times: 'usual' })
  cluster.clock.pass(15_000)
  cluster.crash('node3')
  const { store } = cluster.machine('node3')
  store.rollBack(-1)
  expect(store.list('')).toEqual([])
  const member = cluster.agentOn('node2')
  if (member === null) throw new Error('node2 answers')
  storeCluster(store, beginningFor(member.world))
  cluster.startDaemon('node3')
  cluster.clock.pass(1000)
  expect(saidOn(cluster, 'node3')).toMatchObject({ evictions })
  expect(saidOn(cluster, 'node3').rolledBack).toBeUndefined()
})

test('a power cut alone is no such thing', () => {
  const cluster = takenOver()
  bootRolledBack(cluster, 'node3', 0)
  cluster.clock.pass(5000)
  expect(saidOn(cluster, 'node3').rolledBack).toBeUndefined()
  expect(Object.keys(saidOn(cluster, 'node3').evictions)).toEqual(['node1'])
})
