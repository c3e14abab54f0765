import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { glob, isPlain, select } from '../../../src/core/selector.js'
import { editDistance, nearest } from '../../../src/core/nearest.js'

const KNOWN = ['db1', 'db2', 'web1', 'web-old', 'flag10']

test.each([
  ['db1', ['db1']],
  ['*', KNOWN],
  ['db*', ['db1', 'db2']],
  ['web1,db1', ['db1', 'web1']],
  ['*1+db*', ['db1']],
  ['web*+!web-old', ['web1']],
  ['!db*', ['web1', 'web-old', 'flag10']],
  ['db1,web*+!*1', ['db1', 'web-old']],
  ['db[12]', ['db1', 'db2']],
  ['flag[0-3]?', ['flag10']],
  ['x*', []],
  ['!nosuch', KNOWN],
] as const)('%s', (selector, names) => {
  expect(select(selector, KNOWN)).toEqual({ ok: true, value: names })
})

test.each([
  ['dbb1', 'there is no service dbb1: did you mean db1?'],
  ['zebra', "there is no service zebra: see 'svcmon' for those there are"],
  ['db1,webb1', 'there is no service webb1: did you mean web1?'],
  ['db1,', "'db1,' is no selector: a name is missing in it"],
  ['db*+!', "'db*+!' is no selector: a name is missing in it"],
] as const)('refuses %s', (selector, message) => {
  expect(select(selector, KNOWN)).toMatchObject({ ok: false, error: { message } })
})

const names = fc.uniqueArray(fc.stringMatching(/^[a-c][a-c0-2.-]{0,4}$/), { maxLength: 8 })
const patterns = fc.stringMatching(/^[a-c*?]{1,6}$/)

test('a glob means what its regular expression means', () => {
  fc.assert(
    fc.property(patterns, fc.stringMatching(/^[a-c]{0,7}$/), (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
      return glob(pattern, text) === expression.test(text)
    }),
  )
})

test('not is the complement, and is the intersection, or the union', () => {
  fc.assert(
    fc.property(names, patterns, patterns, (known, a, b) => {
      const chosen = (selector: string): readonly string[] => {
        const result = select(selector, known)
        return result.ok ? result.value : []
      }
      fc.pre(!isPlain(a) && !isPlain(b))
      const [left, right] = [chosen(a), chosen(b)]
      expect(chosen(`!${a}`)).toEqual(known.filter((name) => !left.includes(name)))
      expect(chosen(`${a}+${b}`)).toEqual(left.filter((name) => right.includes(name)))
      expect(chosen(`${a},${b}`)).toEqual(known.filter((name) => left.includes(name) || right.includes(name)))
    }),
  )
})

test.each([
  ['strat', 'start'],
  ['swich', 'switch'],
  ['stp', 'stop'],
  ['frobnicate', null],
] as const)('the nearest of %s is %s', (word, near) => {
  expect(nearest(word, ['start', 'stop', 'switch', 'status'])).toBe(near)
})

test('distance is symmetric, and zero only for the same word', () => {
  const word = fc.stringMatching(/^[ab]{0,6}$/)
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b) === 0).toBe(a === b)
    }),
  )
})
