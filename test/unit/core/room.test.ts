import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/core/decide/index.js'
import { roomOn } from '../../../src/core/decide/room.js'
import { freshLocal, type World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

/** db1 is up on node1, is to be moved, and is prepared on node2. */
const moving = (change: object = {}): World =>
  worldOf({
    why: '',
    maxParallel: 1,
    target: 'placed@node2',
    on: { node1: 'up', node2: { is: 'claimed', preparedFor: 't1' } },
    ...change,
  })

/** Another service on node2. */
const other = (on: object): object => ({ also: { db2: { on } } })
const said = (world: World): readonly string[] =>
  decide(world).intents.flatMap((intent) =>
    intent.do === 'act' || intent.do === 'wait' ? `${intent.service} ${intent.do}: ${intent.why}` : [],
  )
const stops = ['db1 act: stop failover up instance to satisfy the placed@node2 target']

describe('a service is stopped to be started on another node', () => {
  test('where that node has room for it', () => {
    expect(said(moving())).toEqual(stops)
    expect(said(moving(other({ node1: 'down', node2: 'up' })))).toEqual(stops)
  })

  test('not while that node has as much to do as it may', () => {
    const busy = moving(other({ node1: 'down', node2: { is: 'held', monitor: 'starting' } }))
    expect(said(busy)).toEqual([
      'db1 wait: max_parallel=1 actions are running on node2, or wait there for their turn',
    ])
    expect(said({ ...busy, cluster: { ...busy.cluster, maxParallel: 2 } })).toEqual(stops)
  })

  test('and what is to be started here does not wait with it', () => {
    const also = {
      db2: { on: { node1: 'down', node2: { is: 'held', monitor: 'starting' } } },
      db3: { service: { orchestrate: 'ha' }, on: { node1: 'claimed', node2: 'down' } },
    }
    const { local, ...busy } = moving({ also, answered: ['node2'] })
    const claimed = { ...freshLocal, generation: 1, claimedAtMs: busy.nowMs - 200 }
    expect(said({ ...busy, local: { ...local, db3: claimed } })).toEqual([
      'db1 wait: max_parallel=1 actions are running on node2, or wait there for their turn',
      expect.stringContaining('db3 act: start failover down instance'),
    ])
  })

  test('all the same where this node is drained', () => {
    const busy = other({ node1: 'down', node2: { is: 'held', monitor: 'starting' } })
    expect(said(moving({ ...busy, freeze: ['@node1'] }))).toEqual(stops)
  })

  test('one after another, by priority and name, where there is room for one', () => {
    const one = moving({ maxParallel: 2, ...other({ node1: 'up', node2: 'claimed' }) })
    const target = one.registers['target/db1']
    const prepared = one.documents['node2']?.instances['db1']
    const node2 = one.documents['node2']
    if (target === undefined || prepared === undefined || node2 === undefined)
      throw new Error('they are there')
    const starting = {
      ...prepared,
      monitor: 'starting',
      place: { kind: 'held', generation: 1, since: 1 },
    } as const
    const third = one.services['db2']
    if (third === undefined) throw new Error('db2 is there')
    const world: World = {
      ...one,
      services: { ...one.services, db3: { ...third, service: { ...third.service, name: 'db3' } } },
      registers: { ...one.registers, 'target/db2': { ...target, name: 'db2' } as typeof target },
      documents: {
        ...one.documents,
        node2: { ...node2, instances: { ...node2.instances, db2: prepared, db3: starting } },
      },
    }
    expect(said(world)).toEqual([
      ...stops,
      'db2 wait: max_parallel=2 actions are running on node2, or wait there for their turn',
    ])
  })
})

test('what the end of the lease stops does not wait for its turn', () => {
  const also = { db2: { on: { node1: 'up', node2: 'down' } } }
  const on = { node1: 'up', node2: 'down' }
  const world = worldOf({ why: '', quorum: true, lease: 'lapsed', maxParallel: 1, on, also })
  expect(said(world)).toEqual([
    expect.stringContaining('db1 act: the lease is over'),
    expect.stringContaining('db2 act: the lease is over'),
  ])
})

test.each<[string, object, number]>([
  ['a service that is up where it is to be', { node1: 'down', node2: 'up' }, 2],
  ['one that still serves elsewhere', { node1: 'up', node2: 'claimed' }, 2],
  [
    'one that is being stopped to be started there',
    { node1: { is: 'held', monitor: 'stopping' }, node2: 'claimed' },
    1,
  ],
  [
    'one that is stopped, and waits to be started there',
    { node1: 'down', node2: { is: 'down', monitor: 'wait priors' } },
    1,
  ],
  [
    'one that waits for another service',
    { node1: 'down', node2: { is: 'down', monitor: 'wait parents' } },
    2,
  ],
  ['one that failed there', { node1: 'down', node2: 'start failed' }, 2],
  ['one that starts there', { node1: 'down', node2: { is: 'held', monitor: 'starting' } }, 1],
  ['one that stops there', { node1: 'down', node2: { is: 'held', monitor: 'stopping' } }, 1],
  ['what is left of a stop there', { node1: 'down', node2: { is: 'down', monitor: 'stopping' } }, 1],
])('takes room, or not: %s', (_, on, room) => {
  expect(roomOn(worldOf({ why: '', maxParallel: 2, target: 'placed@node2', on }), 'node2')).toBe(room)
})
