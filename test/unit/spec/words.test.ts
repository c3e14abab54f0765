import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteWord, splitWords } from '../../../src/spec/words.js'

test.each([
  ['', []],
  ['  a   b\tc\n', ['a', 'b', 'c']],
  [`a 'b c' "d e" f\\ g`, ['a', 'b c', 'd e', 'f g']],
  [`--x="y z" a'b'c ''`, ['--x=y z', 'abc', '']],
  [String.raw`"a\"b" "a\nb" '\n' \'`, ['a"b', String.raw`a\nb`, String.raw`\n`, "'"]],
  ['"open', null],
  ["a 'b", null],
  ['a\\', null],
])('%j splits into %j', (text, words) => {
  expect(splitWords(text)).toEqual(words)
})

const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\p{Cc}/u.test(text))

test('law: quoted words split into themselves', () => {
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitWords(words.map(quoteWord).join(' '))).toEqual(words)
    }),
  )
})

test('a shell splits quoted words in the same way', () => {
  const words = ['plain', 'two words', "it's", '"quoted"', '$HOME', 'a\\b', '*', '']
  const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${words.map(quoteWord).join(' ')}`], {
    encoding: 'utf8',
  })
  expect(printed.split('\n').slice(0, -1)).toEqual(words)
})
