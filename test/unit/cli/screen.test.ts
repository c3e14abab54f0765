import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { coloured, width } from '../../../src/cli/render/paint.js'
import { wrap } from '../../../src/cli/render/tree.js'
import { changes, crop } from '../../../src/cli/screen.js'

test.each([
  [['a', 'b'], ['a', 'b'], ''],
  [['a', 'b'], ['a', 'c'], '\u001b[2;1Hc\u001b[K'],
  [[], ['a'], '\u001b[1;1Ha\u001b[K'],
  [['a', 'b', 'c'], ['a'], '\u001b[2;1H\u001b[J'],
] as const)('from %j to %j', (before, after, written) => {
  expect(changes(before, after)).toBe(written)
})

test('a cropped line fits, keeps its colours whole, and is the beginning of what it was', () => {
  const words = fc.array(fc.tuple(fc.constantFrom('good', 'bad', 'faint'), fc.stringMatching(/^[ab ]{0,8}$/)))
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 30 }), (parts, columns) => {
      const plain = parts.map(([, text]) => text).join('')
      const line = parts.map(([style, text]) => coloured(style as 'good', text)).join('')
      const cropped = crop(line, columns)
      expect(width(cropped)).toBe(Math.min(plain.length, columns))
      expect(cropped.replaceAll(/\p{Cc}\[\d+m/gu, '')).toBe(plain.slice(0, columns))
      expect(cropped.match(/\p{Cc}\[/gu)).toEqual(line.match(/\p{Cc}\[/gu))
    }),
  )
})

test('a wrapped text loses no word, and no line is longer than its longest word or the room', () => {
  const text = fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }).map((all) => all.join(' '))
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (whole, room) => {
      const lines = wrap(whole, room)
      expect(lines.join(' ')).toBe(whole)
      const longest = Math.max(...whole.split(' ').map((word) => word.length))
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(room, longest))
    }),
  )
})
