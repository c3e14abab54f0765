import { expect, test } from 'vitest'
import { leaseEndsMs } from '../../../src/core/lease.js'
import { acknowledged } from '../../../src/core/reduce/voting.js'
import { ownDocument } from '../../../src/core/view.js'
import { worldOf } from '../../cases/world.js'

const names = ['node1', 'node2', 'node3', 'node4', 'node5']
const never = -Infinity

/** Whose date counts: of the others, so many as with this node are a majority. */
test.each<readonly [string, readonly number[], number]>([
  ['the second of four, later than the others', [50, 40, 30, 20], 40],
  ['the second of four, in whatever order they come', [20, 50, 30, 40], 40],
  ['of two that have acknowledged the earlier one', [never, 10, never, 30], 10],
  ['of several at one time', [30, 30, 30, 10], 30],
  ['nothing, where only one of four has acknowledged', [never, never, 30, never], never],
])('a lease among five lasts from %s', (_, sentMs, baseMs) => {
  const world = worldOf({ why: 'who has acknowledged', nodes: names, quorum: true })
  const { nowMs } = world
  const acked = names.slice(1).map((name, i) => [name, (sentMs[i] ?? never) + nowMs - 100] as const)
  const lease = { ...world.lease, ackedMs: Object.fromEntries(acked), carriedUntilMs: null }
  expect(leaseEndsMs({ ...world, lease })).toBe(baseMs + nowMs - 100 + world.cluster.heartbeat.leaseMs)
})

/** Witness and nodes are one set of voters. */
test('a witness that acknowledges makes a majority of three', () => {
  const two = worldOf({ why: 'a witness', nodes: ['node1', 'node2'], quorum: true })
  const cluster = { ...two.cluster, witnesses: [{ name: 'witness1', addresses: [] }] }
  const lease = { ...two.lease, ackedMs: { witness1: two.nowMs - 10 }, carriedUntilMs: null }
  expect(leaseEndsMs({ ...two, cluster, lease })).toBe(two.nowMs - 10 + cluster.heartbeat.leaseMs)
})

test.each([
  ['was sent a moment ago', -10, true],
  ['was sent before the lease began', -5001, false],
  ['would have been sent later than now, as one of the boot before with its clock', 10, false],
])('a voter acknowledges a beat that %s', (_, sinceMs, counts) => {
  const world = worldOf({ why: 'two and an answer', nodes: ['node1', 'node2'], quorum: true })
  const lease = { ...world.lease, ackedMs: {}, sinceMs: world.nowMs - 5000 }
  const { incarnation } = ownDocument(world)
  const sentMs = world.nowMs + sinceMs
  const ack = { voter: 'node2', incarnation, sentMs, granted: true, eviction: null }
  expect(acknowledged({ ...world, lease }, ack).lease.ackedMs).toEqual(counts ? { node2: sentMs } : {})
})
