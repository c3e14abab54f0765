import { expect, test } from 'vitest'
import { PathBook, pulseId } from '../../../src/daemon/agent/path-book.js'
import { worldOf } from '../../cases/world.js'

const id = pulseId('hb#1', 'node2')

test.each<readonly [string, { incarnation: number; round: number }, boolean]>([
  ['a higher number', { incarnation: 3, round: 18 }, true],
  ['the same once more', { incarnation: 3, round: 17 }, false],
  ['an older one', { incarnation: 3, round: 4 }, false],
  ['one of an earlier start', { incarnation: 2, round: 400 }, false],
  ['the first of a new start', { incarnation: 4, round: 1 }, true],
])('%s is news or not', (_, pulse, expected) => {
  const book = new PathBook()
  book.heard(id, 0, { incarnation: 3, round: 17 })
  expect(book.isNews(id, pulse, 0)).toBe(expected)
})

test('before the first pulse, what is older than the newest document is no news', () => {
  const book = new PathBook()
  expect(book.isNews(id, { incarnation: 2, round: 400 }, 3)).toBe(false)
  expect(book.isNews(id, { incarnation: 3, round: 1 }, 3)).toBe(true)
})

test('every path of the configuration is shown, and figures go with their path', () => {
  const world = worldOf({ why: 'paths' })
  const pulsePaths = [{ name: 'hb#1', type: 'disk', device: '/dev/sdb' }] as const
  const more = { ...world, cluster: { ...world.cluster, pulsePaths } }
  const book = new PathBook()
  book.heard(id, 5, { incarnation: 1, round: 1 })
  expect(book.views(more)).toMatchObject([
    { section: null, peer: 'node2', address: 'node2', heardAtMs: null },
    { section: 'hb#1', peer: 'node2', address: '/dev/sdb', heardAtMs: 5 },
  ])
  book.keepOnly(world)
  expect(book.views(more)).toMatchObject([{}, { heardAtMs: null }])
})
