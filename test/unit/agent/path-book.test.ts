import { expect, test } from 'vitest'
import { PathBook, pulseId } from '../../../src/daemon/agent/path-book.js'
import { lateOf } from '../../../src/daemon/peers/reception.js'
import { worldOf } from '../../cases/world.js'

const id = pulseId('hb#1', 'node2')
const at = (nowMs: number): { nowMs: number; intervalMs: number } => ({ nowMs, intervalMs: 500 })

test.each<readonly [string, { incarnation: number; round: number }, boolean]>([
  ['a higher number', { incarnation: 3, round: 18 }, true],
  ['the same once more', { incarnation: 3, round: 17 }, false],
  ['an older one', { incarnation: 3, round: 4 }, false],
  ['one of an earlier start', { incarnation: 2, round: 400 }, false],
  ['the first of a new start', { incarnation: 4, round: 1 }, true],
])('%s is news or not', (_, pulse, expected) => {
  const book = new PathBook()
  book.heard(id, at(0), { incarnation: 3, round: 17 })
  expect(book.isNews(id, pulse, 0)).toBe(expected)
})

test.each<readonly [string, readonly (readonly [number, number])[], number]>([
  [
    'in time',
    [
      [1, 0],
      [2, 500],
      [3, 1240],
    ],
    0,
  ],
  [
    'late',
    [
      [1, 0],
      [2, 760],
    ],
    0.5,
  ],
  [
    'in time after one that was lost',
    [
      [1, 0],
      [3, 1200],
    ],
    0,
  ],
  [
    'late after one that was lost',
    [
      [1, 0],
      [3, 1260],
    ],
    1 / 3,
  ],
])('a beat comes %s', (_, beats, expected) => {
  const book = new PathBook()
  for (const [round, nowMs] of beats) book.heard(id, at(nowMs), { incarnation: 1, round })
  const pulsePaths = [{ name: 'hb#1', type: 'disk', device: '/dev/sdb' }] as const
  const world = worldOf({ why: 'late' })
  const views = book.views({ ...world, cluster: { ...world.cluster, pulsePaths } })
  const [reception = null] = views.filter(({ section }) => section === 'hb#1').map((view) => view.reception)
  expect(reception === null ? null : lateOf(reception)).toBeCloseTo(expected, 6)
})

test('before the first pulse, what is older than the newest document is no news', () => {
  const book = new PathBook()
  expect(book.isNews(id, { incarnation: 2, round: 400 }, 3)).toBe(false)
  expect(book.isNews(id, { incarnation: 3, round: 1 }, 3)).toBe(true)
})

test('a path has the version that its ends speak for as long as they are connected', () => {
  const world = worldOf({ why: 'versions' })
  const book = new PathBook()
  const versions = (): readonly (number | null)[] => book.views(world).map(({ protocol }) => protocol)
  const [path] = book.views(world)
  expect(versions()).toEqual([null])
  book.connected(path?.id ?? '', 1)
  book.heard(path?.id ?? '', at(0), { incarnation: 1, round: 1 })
  expect(versions()).toEqual([1])
  book.connected(path?.id ?? '', null)
  expect(versions()).toEqual([null])
})

test('every path of the configuration is shown, and figures go with their path', () => {
  const world = worldOf({ why: 'paths' })
  const pulsePaths = [{ name: 'hb#1', type: 'disk', device: '/dev/sdb' }] as const
  const more = { ...world, cluster: { ...world.cluster, pulsePaths } }
  const book = new PathBook()
  book.heard(id, at(5), { incarnation: 1, round: 1 })
  expect(book.views(more)).toMatchObject([
    { section: null, peer: 'node2', address: 'node2', heardAtMs: null },
    { section: 'hb#1', peer: 'node2', address: '/dev/sdb', heardAtMs: 5 },
  ])
  book.keepOnly(world)
  expect(book.views(more)).toMatchObject([{}, { heardAtMs: null }])
})
