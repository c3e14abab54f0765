import { describe, expect, test } from 'vitest'
import type { InstanceDocument, NodeDocument, Place } from '../../../src/core/document.js'
import {
  complete,
  heardBy,
  heardPeers,
  hears,
  justBegun,
  lives,
  quieterAtMs,
  silent,
  silentAtMs,
  vouchedFor,
} from '../../../src/core/membership.js'
import { reduce } from '../../../src/core/reduce/index.js'
import { documentArrived } from '../../../src/core/reduce/documents.js'
import { clusterChanged } from '../../../src/core/reduce/rules.js'
import { evicted } from '../../../src/core/reduce/voting.js'
import { decide } from '../../../src/core/decide/index.js'
import type { Link, World } from '../../../src/core/world.js'
import { nowMs, worldOf } from '../../cases/world.js'

const three = ['node1', 'node2', 'node3']
const timeoutMs = 5000

describe('a peer is', () => {
  const at = (heardAtMs: Link['heardAtMs'], sinceMs = 0): World => ({
    ...worldOf({ why: 'links' }),
    links: { node2: { heardAtMs, sinceMs } },
  })
  test.each<readonly [string, World, boolean, boolean, number | null]>([
    ['heard within the timeout', at({ a: nowMs - 4999 }), true, false, nowMs + 1],
    ['silent at the timeout', at({ a: nowMs - timeoutMs }), false, true, null],
    ['heard on one path of two', at({ a: 0, b: nowMs - 10 }), true, false, nowMs + 4990],
    ['awaited since the start of the daemon: neither', at({}, nowMs - 1000), false, false, nowMs + 4000],
    ['awaited for the timeout: silent', at({}, nowMs - timeoutMs), false, true, null],
  ])('%s', (_, world, heard, quiet, silentAt) => {
    expect([hears(world, 'node2'), silent(world, 'node2'), silentAtMs(world, 'node2')]).toEqual([
      heard,
      quiet,
      silentAt,
    ])
  })
})

describe('a peer whose pulses alone arrive', () => {
  const at = (pulseMs: number, quorum: boolean, beatMs = nowMs - 20_000): World => ({
    ...worldOf({ why: 'pulses', quorum, witnesses: quorum ? ['node3'] : [] }),
    links: { node2: { heardAtMs: { a: beatMs }, pulsedAtMs: { 'hb#1': pulseMs }, sinceMs: 0 } },
  })
  test.each<readonly [string, World, object]>([
    [
      'lives without quorum, is not silent, and others are told so',
      at(nowMs - 10, false),
      { hears: false, lives: true, silent: false, vouched: ['node2'], quieter: [nowMs + 4990, nowMs + 4990] },
    ],
    [
      'is silent with quorum all the same',
      at(nowMs - 10, true),
      { hears: false, lives: true, silent: true, vouched: [], quieter: [nowMs + 4990] },
    ],
    [
      'is silent once they end',
      at(nowMs - timeoutMs, false),
      { hears: false, lives: false, silent: true, vouched: [], quieter: [] },
    ],
    [
      'is looked at again when its beats may have ended, though pulses go on',
      at(nowMs - 10, false, nowMs - 1000),
      {
        hears: true,
        lives: true,
        silent: false,
        vouched: ['node2'],
        quieter: [nowMs + 4990, nowMs + 4000, nowMs + 4990],
      },
    ],
  ])('%s', (_, world, expected) => {
    expect({
      hears: hears(world, 'node2'),
      lives: lives(world, 'node2'),
      silent: silent(world, 'node2'),
      vouched: vouchedFor(world),
      quieter: quieterAtMs(world, 'node2'),
    }).toEqual(expected)
  })
})

test('this node hears itself, and is no peer of its own', () => {
  const world = worldOf({ why: 'self', silent: ['node2'] })
  expect([hears(world, 'node1'), silent(world, 'node1'), heardPeers(world)]).toEqual([true, false, []])
})

test.each<readonly [string, object, readonly string[]]>([
  ['by nobody', { silent: ['node2'], hears: { node3: ['node1'] } }, []],
  ['by a node that is heard', { silent: ['node2'], hears: { node3: ['node1', 'node2'] } }, ['node3']],
  [
    'by one that is not heard itself: that was once',
    { silent: ['node2', 'node3'], hears: { node3: ['node2'] } },
    [],
  ],
])('a silent node is heard %s', (_, short, expected) => {
  expect(heardBy(worldOf({ why: 'hears', nodes: three, ...short }), 'node2')).toEqual(expected)
})

test.each<readonly [string, object, boolean]>([
  ['everybody is heard', {}, true],
  ['one is silent', { silent: ['node2'] }, false],
  ['the silent one has left', { silent: ['node2'], states: { node2: 'left' } }, true],
  ['the daemon of one was stopped with services up', { states: { node2: 'maintenance' } }, false],
])('the cluster is complete where %s', (_, short, expected) => {
  expect(complete(worldOf({ why: 'complete', ...short }))).toBe(expected)
})

describe('a node whose store was lost', () => {
  const world = worldOf({
    why: 'lost',
    on: { node1: 'claimed', node2: 'down' },
    service: { orchestrate: 'ha' },
  })
  const told = (change: Partial<NodeDocument>): World => {
    const known = world.documents['node2']
    if (known === undefined) throw new Error('node2 has a document')
    return documentArrived(world, { ...known, generation: known.generation + 1, ...change })
  }

  test.each<readonly [string, Partial<NodeDocument>, number]>([
    ['a higher incarnation of its own was seen', { seen: { node1: { incarnation: 7, generation: 2 } } }, 8],
    ['the same incarnation went further', { seen: { node1: { incarnation: 3, generation: 50 } } }, 4],
    ['nothing newer was seen', { seen: { node1: { incarnation: 3, generation: 10 } } }, 3],
  ])('goes on above what others know: %s', (_, change, expected) => {
    expect(told(change).documents['node1']?.incarnation).toBe(expected)
  })

  test('does not take what others saw of its former life for an answer to its claim', () => {
    const intents = decide(told({ seen: { node1: { incarnation: 7, generation: 99 } } })).intents
    expect(intents.filter((intent) => intent.do === 'act')).toEqual([])
  })
})

test('the last word of a node that has left the cluster stays: its starts were numbered, and the next one goes on above', () => {
  const place = { kind: 'held', generation: 41, since: 4 }
  const world = worldOf({
    why: 'gone',
    service: { orchestrate: 'ha' },
    former: ['node3'],
    on: { node1: 'down', node2: 'down', node3: { is: 'up', place } },
    off: { node3: 'newest' },
    hears: { node2: ['node1'] },
  })
  const nodes = world.cluster.nodes.filter(({ name }) => name !== 'node3')
  const after = clusterChanged(world, { ...world.cluster, nodes }, null)
  expect(after.links['node3']).toBeUndefined()
  expect(decide(after).intents).toContainEqual(expect.objectContaining({ do: 'claim', generation: 42 }))
})

test('the number of a start that a document tells of is told on, and outlives the place', () => {
  const before = worldOf({
    why: 'held',
    service: { orchestrate: 'ha' },
    on: { node1: 'down', node2: 'down' },
  })
  const known = before.documents['node2'] as NodeDocument
  const instance = known.instances['db1'] as InstanceDocument
  const told = (place: Place, later: number): NodeDocument => ({
    ...known,
    generation: known.generation + later,
    instances: { db1: { ...instance, place } },
  })
  const held = documentArrived(before, told({ kind: 'held', generation: 41, since: 4 }, 1))
  const after = documentArrived(held, told({ kind: 'none' }, 2))
  expect(after.documents['node1']?.generations).toEqual({ db1: 41 })
  expect(decide(after).intents).toContainEqual(expect.objectContaining({ do: 'claim', generation: 42 }))
})

test('who is evicted may have begun what it claimed: its number is taken', () => {
  const world = worldOf({
    why: 'evicted',
    quorum: true,
    witnesses: ['arbiter'],
    on: { node1: 'down', node2: 'claimed' },
  })
  const claim = { node: 'node1', incarnation: 3, service: 'db1', since: 11 }
  expect(evicted(world, 'node2', claim).documents['node1']?.generations).toEqual({ db1: 2 })
})

describe('a peer that has begun anew, where quorum is off', () => {
  const short = {
    service: { orchestrate: 'ha' },
    silent: ['node2'],
    on: { node1: 'claimed', node2: 'up', node3: 'down' },
  }
  const before = worldOf({
    why: 'begun',
    nodes: ['node1', 'node2', 'node3'],
    hears: { node3: ['node1'] },
    ...short,
  })
  const told = (change: object): World => {
    const known = before.documents['node3']
    if (known === undefined) throw new Error('node3 has a document')
    const { nowMs, wallMs } = before
    return reduce(
      before,
      { nowMs, wallMs, random: 0 },
      { kind: 'document', document: { ...known, ...change } },
    )
  }
  const asks = (world: World): boolean =>
    decide(world).intents.some((intent) => intent.do === 'check addresses')

  test('is no proof for a timeout that it does not hear the silent one', () => {
    const begun = told({ incarnation: 2, generation: 1 })
    expect(justBegun(begun, 'node2')).toEqual({ peer: 'node3', untilMs: begun.nowMs + 5000 })
    expect(asks(begun)).toBe(false)
    expect(decide(begun).notes['db1']).toContain('node3 began a moment ago')
    expect(justBegun({ ...begun, nowMs: begun.nowMs + 5000 }, 'node2')).toBeNull()
  })

  test('is one where it only says something new, and stands in nobody’s way for itself', () => {
    const news = told({ generation: 99 })
    expect(justBegun(news, 'node2')).toBeNull()
    expect(asks(news)).toBe(true)
    expect(justBegun(told({ incarnation: 2, generation: 1 }), 'node3')).toBeNull()
  })
})
