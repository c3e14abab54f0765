import { expect, test } from 'vitest'
import { Cluster } from './cluster.js'
import { flagService } from './service.js'

const nodes = ['node1', 'node2']
const names = ['db1', 'db2', 'db3', 'db4']

/** Two services run on each node. */
function running(maxParallel: number): Cluster {
  const services = names.map((name, i) => flagService(name, i < 2 ? nodes : nodes.toReversed()))
  const cluster = new Cluster({ nodes, services, maxParallel })
  cluster.begin()
  cluster.clock.pass(40_000)
  for (const name of names) cluster.ask('node1', name, 'provision')
  cluster.clock.pass(20_000)
  return cluster
}

const places = (cluster: Cluster): readonly string[] => names.map((name) => cluster.up(name).join())

test.each([1, 2])('services change places at once where nodes do %i actions at a time', (maxParallel) => {
  const cluster = running(maxParallel)
  expect(places(cluster)).toEqual(['node1', 'node1', 'node2', 'node2'])
  for (const name of names) cluster.ask('node1', name, 'switch')
  cluster.clock.pass(60_000)
  expect(places(cluster)).toEqual(['node2', 'node2', 'node1', 'node1'])
})
