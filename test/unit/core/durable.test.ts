import { describe, expect, test } from 'vitest'
import { durableChanges } from '../../../src/daemon/agent/durable.js'
import type { Store } from '../../../src/daemon/ports.js'
import type { InstanceDocument, NodeDocument, Place } from '../../../src/core/document.js'
import { documentArrived } from '../../../src/core/reduce/documents.js'
import type { World } from '../../../src/core/world.js'
import { reborn } from '../../cases/reborn.js'
import { worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { memoryOf } from '../../sim/remembering.js'

const up = worldOf({
  why: 'up',
  on: { node1: { is: 'up', doneTarget: 't1' }, node2: 'down' },
  freeze: ['web'],
})

/** A daemon starts on what the store has, and saves what it believes before its first look. */
function restart(store: Store, bootId = 'boot1'): World {
  const world = reborn(store, up.cluster, bootId)
  store.putAll(durableChanges(null, world))
  return world
}

const claimedBefore = worldOf({ why: 'before', on: { node1: 'down', node2: 'down' } })

function knowing(world: World, generations: NodeDocument['generations']): World {
  const own = { ...world.documents['node1'], generations } as NodeDocument
  return { ...world, documents: { ...world.documents, node1: own } }
}

/** A newer word of the other node, which has heard of no start. */
function claiming(place: Place): NodeDocument {
  const { generations: _, ...known } = claimedBefore.documents['node2'] as NodeDocument
  const instance = known.instances['db1'] as InstanceDocument
  return { ...known, generation: known.generation + 1, instances: { db1: { ...instance, place } } }
}

function storeOf(world: World): Store {
  const store = memoryStore()
  store.putAll([{ key: 'boot', value: 'boot1' }, ...durableChanges(null, world)])
  return store
}

describe('what a daemon remembers', () => {
  test('the number of the newest start that it has heard of, as one that another was claimed after', () => {
    const store = storeOf(knowing(up, { db1: 7 }))
    expect(restart(store).documents['node1']?.generations).toEqual({ db1: 8 })
  })

  test.each([
    ['the first one of all', undefined, 1],
    ['the one after the last start', { db1: 7 }, 8],
    ['one above another claim', { db1: 7 }, 9],
    ['one of a node that has heard of more starts', { db1: 7 }, 12],
  ])('a claim that it has answered, in that its number is taken: %s', (_, known, number) => {
    const claimed: Place = {
      kind: 'claimed',
      generation: number,
      since: 4,
      precedence: { rank: 0, node: 'node2' },
    }
    const answered = documentArrived(knowing(claimedBefore, known), claiming(claimed))
    expect(answered.documents['node1']?.generations?.['db1']).toBeLessThan(number)
    const taken = restart(storeOf(answered)).documents['node1']?.generations?.['db1']
    expect(taken).toBeGreaterThanOrEqual(number)
  })

  test('a claim that it has answered is synced to disk where its number is not the next one', () => {
    const next: Place = { kind: 'claimed', generation: 8, since: 4, precedence: { rank: 0, node: 'node2' } }
    const keys = (place: Place): readonly string[] => {
      const before = knowing(claimedBefore, { db1: 7 })
      return durableChanges(before, documentArrived(before, claiming(place))).map(({ key }) => key)
    }
    expect(keys(next)).toEqual([])
    expect(keys({ ...next, generation: 9 })).toEqual(['generations'])
  })

  test('is there after a restart, and after another one before the first look', () => {
    const store = storeOf(up)
    const first = restart(store).memories
    expect(first['db1']).toMatchObject({ started: true, doneTarget: 't1', monitor: 'idle' })
    expect(restart(store).memories).toEqual(first)
  })

  test('registers and the words of peers are as they were', () => {
    const { registers, peers } = memoryOf(storeOf(up))
    expect(registers).toEqual(up.registers)
    expect(peers['node2']).toEqual(up.documents['node2'])
  })

  test('after a boot nothing counts as started, and what is active is to be stopped, however often the daemon dies meanwhile', () => {
    const store = storeOf(up)
    for (const world of [restart(store, 'boot2'), restart(store, 'boot2')]) {
      expect(world.memories['db1']?.started).toBe(false)
      expect(world.local['db1']?.foundAtBoot).toBe(true)
    }
  })

  test('each start of a daemon has an incarnation of its own', () => {
    const store = storeOf(up)
    const incarnations = [1, 2, 3].map(() => restart(store).documents['node1']?.incarnation)
    expect(incarnations).toEqual([1, 2, 3])
  })

  test('nothing is written where nothing durable changed', () => {
    expect(durableChanges(up, { ...up, nowMs: up.nowMs + 1, links: {} })).toEqual([])
  })

  test('a failure is kept with its words, a passing state is not', () => {
    const failed = worldOf({ why: 'failed', on: { node1: 'start failed' } })
    expect(memoryOf(storeOf(failed)).memories['db1']).toMatchObject({
      monitor: 'start failed',
      failure: 'it will not start',
    })
    const busy = worldOf({ why: 'busy', on: { node1: { is: 'held', monitor: 'starting' } } })
    expect(memoryOf(storeOf(busy)).memories['db1']).toMatchObject({ monitor: 'idle', failure: null })
  })
})
