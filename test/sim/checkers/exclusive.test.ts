import { expect, test } from 'vitest'
import { Chance } from '../chance.js'
import type { Cluster } from '../cluster.js'
import { Network } from '../network.js'
import { VirtualClock } from '../virtual-clock.js'
import { Exclusive } from './exclusive.js'

const names = ['node1', 'node2', 'node3']

interface Trouble {
  /** How slow messages are. */
  readonly delayMs: number
  /** From whom the holder, node2, is no longer apart. */
  readonly mended: string
  /** So long after that the service begins on node1. */
  readonly laterMs: number
}

/** What is wrong where a service begins on node1 while it is up on node2, which nobody could hear for a while. */
function wrongAfter({ delayMs, mended, laterMs }: Trouble): readonly string[] {
  const clock = new VirtualClock()
  const network = new Network(clock, new Chance(1), () => exclusive.changed())
  const machines = new Map(names.map((name) => [name, { name, daemon: {} }]))
  const cluster = { clock, network, machines, options: {}, up: () => ['node2'] } as unknown as Cluster
  const exclusive = new Exclusive(cluster)
  network.delayMs = delayMs
  network.cut('node2', 'node1')
  network.cut('node2', 'node3')
  clock.pass(6500)
  network.mend('node2', mended)
  clock.pass(laterMs)
  exclusive.activated('db1', 'node1', false)
  return exclusive.violations
}

test.each<[string, Trouble]>([
  ['a moment later', { delayMs: 20, mended: 'node3', laterMs: 2000 }],
  ['when the word of the third is on its slow way', { delayMs: 3000, mended: 'node3', laterMs: 8000 }],
])('two may come about after the holder is heard again %s', (_, trouble) => {
  expect(wrongAfter(trouble)).toEqual([])
})

test.each<[string, Trouble]>([
  ['later', { delayMs: 20, mended: 'node3', laterMs: 3000 }],
  ['when the slowest word of the third has come', { delayMs: 3000, mended: 'node3', laterMs: 9000 }],
  ['where it can be asked for its address', { delayMs: 3000, mended: 'node1', laterMs: 3000 }],
])('two may not come about after the holder is heard again, %s', (_, trouble) => {
  expect(wrongAfter(trouble)).toHaveLength(1)
})
