import { expect, test } from 'vitest'
import { StoreFailure } from '../../../src/daemon/store-failure.js'
import { Cluster } from '../../sim/cluster.js'
import { flagService } from '../../sim/service.js'

const nodes = ['node1', 'node2']

function running(): Cluster {
  const cluster = new Cluster({ nodes, services: [flagService('db1', nodes, { orchestrate: 'ha' })] })
  cluster.begin()
  cluster.clock.pass(2000)
  cluster.ask('node1', 'db1', 'provision')
  cluster.clock.pass(3000)
  return cluster
}

/** From now on the node's store takes nothing; the value ends that. */
function fill(cluster: Cluster, node: string): () => void {
  const { store } = cluster.machine(node)
  const { putAll } = store
  store.putAll = () => {
    throw new StoreFailure({ code: 'UNAVAILABLE', message: 'the disk is full' }, false)
  }
  return () => {
    store.putAll = putAll
  }
}

const targetOf = (cluster: Cluster, node: string): unknown =>
  cluster.world(node).registers['target/db1']?.value

test('what cannot be stored is refused, and is not there afterwards either', () => {
  const cluster = running()
  const before = targetOf(cluster, 'node2')
  const empty = fill(cluster, 'node2')
  cluster.ask('node2', 'db1', 'switch')
  cluster.clock.pass(5000)
  expect(targetOf(cluster, 'node2')).toBe(before)
  expect(cluster.up('db1')).toEqual(['node1'])
  empty()
  cluster.clock.pass(5000)
  expect(cluster.up('db1')).toEqual(['node1'])
})

test('what others ask for waits until it can be remembered, and is then done', () => {
  const cluster = running()
  const empty = fill(cluster, 'node1')
  cluster.ask('node2', 'db1', 'switch')
  cluster.clock.pass(20_000)
  expect(cluster.up('db1')).toEqual(['node1'])
  const own = cluster.world('node2').documents['node1']?.instances['db1']
  expect(own?.sawTarget, 'peers are told nothing that is not on disk').not.toBe(
    (targetOf(cluster, 'node2') as { readonly id: string }).id,
  )
  empty()
  cluster.clock.pass(5000)
  expect(cluster.up('db1')).toEqual(['node2'])
})

test('a node with a full disk takes nothing over, and does so once there is space', () => {
  const cluster = running()
  const empty = fill(cluster, 'node2')
  cluster.crash('node1')
  cluster.clock.pass(20_000)
  expect(cluster.up('db1')).toEqual([])
  empty()
  cluster.clock.pass(5000)
  expect(cluster.up('db1')).toEqual(['node2'])
})
