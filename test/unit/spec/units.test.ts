import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../src/core/units.js'

test.each([
  ['0', 0],
  ['5', 5000],
  ['1.5', 1500],
  ['500ms', 500],
  ['1h1s', 3_601_000],
  ['1m', 60_000],
  ['2d', 172_800_000],
  ['1w', 604_800_000],
  ['1y', 31_536_000_000],
  [' 30s ', 30_000],
  ['-1m', null],
  ['-1', null],
  ['1z', null],
  ['1z 1m', null],
  ['1 m', null],
  ['soon', null],
  ['', null],
  ['9'.repeat(20), null],
])('duration %j is %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  ['0', 0],
  ['1024', 1024],
  ['1k', 1024],
  ['1K', 1024],
  ['1KB', 1000],
  ['1KiB', 1024],
  ['1Ki', 1024],
  ['1,3KB', 1300],
  ['1.5m', 1_572_864],
  ['100m', 104_857_600],
  ['10GB', 10_000_000_000],
  ['10 GiB', 10_737_418_240],
  ['2TiB', 2_199_023_255_552],
  ['12b', 12],
  ['-1', null],
  ['8EiB', null],
  ['1d', null],
  ['badValue', null],
  ['', null],
])('size %j is %j bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test('law: a formatted duration reads back as the same', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms))
})

test('law: a formatted size reads back as the same', () => {
  fc.assert(
    fc.property(
      fc.nat(4_000_000),
      fc.nat(3),
      (count, power) => parseSize(formatSize(count * 1024 ** power)) === count * 1024 ** power,
    ),
  )
})
