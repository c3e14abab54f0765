import { describe, expect, test } from 'vitest'
import type { NodeDocument } from '../../../src/core/document.js'
import { nodeGaps } from '../../../src/core/gaps.js'
import { promisesKept, storeGap } from '../../../src/core/promises.js'
import { documentArrived } from '../../../src/core/reduce/documents.js'
import { writeOwn } from '../../../src/core/reduce/own.js'
import { ownDocument } from '../../../src/core/view.js'
import type { World } from '../../../src/core/world.js'
import { Cluster } from '../../sim/cluster.js'
import { storeCluster } from '../../../src/daemon/stored-cluster.js'
import { durableChanges, forgetCluster, letInKey } from '../../../src/daemon/agent/durable.js'
import { worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { memoryOf } from '../../sim/remembering.js'

const eviction = { id: 'node1/3/7', claims: [] }
const plain = worldOf({ why: 'a voter', on: { node1: 'down', node2: 'down' } })

/** A daemon whose store had so many promises as it began. */
const began = (kept: number): World => {
  const own = { ...ownDocument(plain), startedAtWallMs: 2000, promises: promisesKept(kept) }
  return { ...plain, documents: { ...plain.documents, node1: own } }
}

/** The last word of the daemon before it. */
const former = (made: number, change: Partial<NodeDocument> = {}): NodeDocument => ({
  ...ownDocument(plain),
  incarnation: 2,
  startedAtWallMs: 1000,
  promises: { made, kept: 1 },
  evictions: { node2: eviction },
  generations: { db1: 41 },
  ...change,
})

describe('promises are counted', () => {
  test.each<readonly [Partial<NodeDocument>, number]>([
    [{ evictions: { node2: eviction } }, 6],
    [{ generations: { db1: 3 } }, 6],
    [{ state: 'draining' }, 5],
  ])('%o', (change, made) => {
    expect(ownDocument(writeOwn(began(5), change)).promises).toEqual({ made, kept: 5 })
  })
})

describe('an earlier word of its own comes back to a node', () => {
  const told = (kept: number, document: NodeDocument): NodeDocument =>
    ownDocument(documentArrived(began(kept), document))

  test('that promised more than its store has: it keeps that, and says so', () => {
    expect(told(5, former(9))).toMatchObject({
      evictions: { node2: eviction },
      // Claims one above may have been answered.
      generations: { db1: 42 },
      rolledBack: true,
      promises: { kept: 9 },
    })
  })

  test('once: the next one tells nothing new', () => {
    const once = documentArrived(began(5), former(9))
    expect(documentArrived(once, former(9))).toBe(once)
  })

  test.each([
    ['that promised no more', 9, former(9)],
    ['from an agent that counted nothing', 5, former(0, { promises: undefined } as object)],
    ['of this very daemon', 5, former(9, { startedAtWallMs: 2000 })],
  ])('%s: it tells nothing', (_, kept, document) => {
    expect(told(kept, document)).toEqual(ownDocument(began(kept)))
  })

  test.each([
    ['with a new store', 0],
    ['with what it promised in another cluster', 5],
  ])(
    'where it was just let in, %s: it keeps what it promised, once, and has no older store than it had',
    (_, kept) => {
      const once = documentArrived({ ...began(kept), letIn: true }, former(9))
      const own = ownDocument(once)
      expect(own).toMatchObject({ evictions: { node2: eviction }, promises: { kept: 9 } })
      expect(documentArrived(once, former(9))).toBe(once)
      // Also where it is told of a higher incarnation, or of more later.
      const [more, above] = [former(12), former(9, { incarnation: 20 })].map((one) =>
        documentArrived(once, one),
      )
      expect([
        own.rolledBack,
        more && ownDocument(more).rolledBack,
        above && ownDocument(above).rolledBack,
      ]).toEqual([undefined, undefined, undefined])
    },
  )
})

test('a node is one that was just let in for one life, whatever it promised in another cluster', () => {
  const store = memoryStore()
  store.putAll([{ key: 'promises', value: '5' }])
  expect(memoryOf(store).letIn).toBe(false)
  storeCluster(store, { stamp: { wallMs: 1, count: 0, node: 'node2' }, text: 'name: paris' })
  expect(memoryOf(store).letIn).toBe(true)
  const cluster = new Cluster({ nodes: ['node1', 'node2'], services: [] })
  cluster.begin()
  cluster.clock.pass(1000)
  const { store: kept } = cluster.machine('node1')
  kept.putAll([
    { key: 'promises', value: '5' },
    { key: letInKey, value: 'true' },
  ])
  cluster.crash('node1')
  cluster.startDaemon('node1')
  expect(cluster.world('node1').letIn).toBe(true)
  cluster.crash('node1')
  cluster.startDaemon('node1')
  expect(cluster.world('node1').letIn).toBeUndefined()
})

describe('that its store is older', () => {
  const doubted = documentArrived(began(5), former(9, { incarnation: 12 }))

  test('is on its disk with the incarnation above, until it leaves its cluster', () => {
    const store = memoryStore()
    store.putAll(durableChanges(began(5), doubted))
    expect(store.get('incarnation')).toBe('13')
    const { made } = ownDocument(doubted).promises ?? { made: 0 }
    expect(made).toBeGreaterThan(9)
    expect(memoryOf(store)).toMatchObject({ promises: made, rolledBack: true })
    forgetCluster(store)
    expect(memoryOf(store)).toMatchObject({ promises: made, rolledBack: undefined })
  })

  test('is told to operators with the next step', () => {
    expect(nodeGaps(doubted)).toEqual([`node node1 ${storeGap({ rolledBack: true })}`])
    expect(storeGap({ rolledBack: true })).toContain('om cluster leave, om cluster join')
    expect(nodeGaps(began(5))).toEqual([])
  })
})
