import { describe, expect, test } from 'vitest'
import { durableChanges } from '../../../src/daemon/agent/durable.js'
import { clusterTextIn, remembered } from '../../../src/daemon/agent/remembered.js'
import type { Store } from '../../../src/daemon/ports.js'
import { worldOf } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { memoryOf } from '../../sim/remembering.js'
import { after, configured, up, without } from './left-out-world.js'

const world = worldOf({
  why: 'up',
  quorum: true,
  lease: 'valid',
  on: { node1: 'up', node2: 'down' },
  freeze: ['web'],
})

/** As an earlier daemon left it, and then with one entry otherwise. */
function storeWith(key: string, value: string): Store {
  const store = memoryStore()
  store.putAll([
    { key: 'incarnation', value: '7' },
    { key: 'written-by', value: '1.4.0' },
    ...durableChanges(null, world),
    { key, value },
  ])
  return store
}

const varDir = '/var/lib/longshore'

const changed = (key: string, change: object): string =>
  JSON.stringify({ ...(JSON.parse(storeWith('x', '').get(key) ?? '{}') as object), ...change })

const eviction = { id: 'node1/7/1', claims: [{ node: 'node3', incarnation: 2, service: 'db1', since: 4 }] }

describe('a store that another version of the agent has written', () => {
  test.each<[string, string, string, string]>([
    ['the number of its last start', 'incarnation', 'seven', ''],
    ['an incarnation below all', 'incarnation', '-1', ''],
    ['whom it has evicted', 'evictions', JSON.stringify({ node2: { ...eviction, id: 3 } }), ' at node2.id'],
    ['the numbers of starts', 'generations', '{"db1":"8"}', ' at db1'],
    ['a number of a start that is none', 'generations', '{"db1":1e300}', ' at db1'],
    ['the rules that it goes by', 'rules', changed('rules', { said: 'yes' }), ' at said'],
    ['an instance', 'instance/db1', changed('instance/db1', { generation: null }), ' at generation'],
    [
      'a state that it does not know',
      'instance/db1',
      changed('instance/db1', { monitor: 'moving' }),
      ' at monitor',
    ],
    [
      'a former configuration',
      'instance/db1',
      changed('instance/db1', { former: { name: 'db1' } }),
      ' at former.version',
    ],
    [
      'an operator’s word',
      'register/freeze/web',
      changed('register/freeze/web', { value: 'a little' }),
      ' at value',
    ],
    ['a word of a kind that it does not know', 'register/move/web', '{"kind":"move"}', ' at kind'],
    ['a cut entry', 'register/freeze/web', '{"kind":"fre', ''],
  ])(
    'is refused, with what is not understood and the next step, and stays as it is: %s',
    (_, key, value, where) => {
      const store = storeWith(key, value)
      const before = store.list('')
      const kept = remembered({ store, varDir })
      if (kept.ok) throw new Error('it was taken')
      const sentence = kept.error.message
      expect(sentence).toContain(
        `the store of this node has ${key} in a form that this version of omd does not understand${where} (`,
      )
      expect(sentence).toMatch(
        /\): install version 1\.4\.0, which ran here before, or move \/var\/lib\/longshore\/state\.db\* and \/var\/lib\/longshore\/certificates away and let this node join its cluster again; nothing in them was changed$/,
      )
      expect(store.list('')).toEqual(before)
    },
  )

  test('is refused without a version where none had been written', () => {
    const store = storeWith('rules', '[]')
    store.putAll([{ key: 'written-by', value: null }])
    const kept = remembered({ store, varDir })
    expect(kept.ok ? '' : kept.error.message).toContain('install the version that ran here before, or')
  })

  test.each(['idle', 'left', 'draining'])(
    'is taken without what a peer last said of itself, and that is told: %s',
    (state) => {
      const store = storeWith('peer/node2', changed('peer/node2', { state, hears: 'all' }))
      const kept = memoryOf(store)
      expect(Object.keys(kept.peers)).not.toContain('node2')
      expect(kept.dropped).toEqual([
        'what node2 last said of itself is left out, since this version of omd does not understand it in the store: ' +
          'until node2 is heard, or another node tells of it, a leave of node2 counts as silence',
      ])
      expect(kept.incarnation).toBe(7)
      expect(store.get('peer/node2')).toContain('"all"')
    },
  )

  test.each([
    [
      'it had stopped its daemon, services may be up',
      changed('peer/node2', { state: 'maintenance', hears: 'all' }),
    ],
    ['a state that is not known', changed('peer/node2', { state: 'asleep' })],
    ['nothing of it is understood', '{"state":"idl'],
  ])('is not taken where a peer’s silence may prove nothing: %s', (_, value) => {
    const kept = remembered({ store: storeWith('peer/node2', value), varDir })
    expect(kept.ok ? '' : kept.error.message).toContain('has peer/node2 in a form')
  })

  test('is taken with what is not known here, and with what an earlier version did not write', () => {
    const store = storeWith('evictions', JSON.stringify({ node2: { ...eviction, later: 1 } }))
    expect(memoryOf(store).evictions).toEqual({ node2: { ...eviction, later: 1 } })
    const {
      former: _,
      preparedFor: __,
      ...earlier
    } = JSON.parse(store.get('instance/db1') ?? '') as Record<string, unknown>
    store.putAll([
      { key: 'instance/db1', value: JSON.stringify(earlier) },
      { key: 'generations', value: null },
      { key: 'rules', value: null },
    ])
    expect(memoryOf(store)).toMatchObject({ memories: { db1: earlier }, generations: {}, dropped: [] })
  })

  test('gives back the configuration that a node goes on with', () => {
    const left = after(up, configured(without))
    const store = memoryStore()
    store.putAll(durableChanges(null, left))
    expect(memoryOf(store).memories['db1']?.former).toEqual(left.local['db1']?.former)
  })

  test('is not asked for the configuration of a cluster that it does not understand', () => {
    const entry = { kind: 'cluster', name: 'cluster', stamp: { wallMs: 1, count: 0, node: 'node1' } }
    const value = { text: 'cluster: {}', author: 'user' }
    const key = 'register/cluster/cluster'
    expect(clusterTextIn({ store: storeWith(key, JSON.stringify({ ...entry, value })), varDir })).toEqual({
      ok: true,
      value: value.text,
    })
    expect(clusterTextIn({ store: storeWith('x', ''), varDir })).toEqual({ ok: true, value: null })
    expect(
      clusterTextIn({ store: storeWith(key, JSON.stringify({ ...entry, value: { text: 3 } })), varDir }).ok,
    ).toBe(false)
  })
})
