import { expect, test } from 'vitest'
import { compute } from '../../../src/spec/expression.js'

test.each([
  ['1 + 2 * 3', '7'],
  ['(1 + 2) * 3', '9'],
  ['2 ** 3 ** 2', '512'],
  ['-2 ** 2', '-4'],
  ['7 / 2', '3.5'],
  ['7 // 2', '3'],
  ['-7 // 2', '-4'],
  ['-7 % 3', '2'],
  ['6 & 3 | 8', '10'],
  ['6 ^ 3', '5'],
  ['1 < 2', 'true'],
  ['2 <= 1', 'false'],
  ['node1 == node1', 'true'],
  ['node1 != node2', 'true'],
  ['node1 in (node1, node2)', 'true'],
  ['node3 in (node1, node2,)', 'false'],
  ['not 0', 'true'],
  ['1 == 1 and 2 > 3', 'false'],
  ['1 > 2 or yes', 'yes'],
  ['"a.b" + c', 'a.bc'],
  ['True', 'true'],
  ['None', ''],
])('%s gives %s', (source, text) => {
  expect(compute(source)).toEqual({ ok: true, text })
})

test.each([
  ['', 'something is missing at its end'],
  ['1 +', 'something is missing at its end'],
  ['1 2', '"2" was not expected there'],
  ['(1', 'a parenthesis is not closed'],
  ['1 ; 2', '"; 2" is no part of an expression'],
  ['a.b == 1', 'a.b needs quotes, since it holds a dot'],
  ['a - 1', '- needs numbers, and "a" is none'],
  ['None + 1', '+ needs numbers, and None is none'],
  ['1 / 0', 'the result is no finite number'],
  ['9 ** 9 ** 9', 'the result is no finite number'],
  ['1.5 & 1', '& needs whole numbers, and 1.5 is none'],
  ['hostname()', '"(" was not expected there'],
  ['1 in 2', '"in" needs a list in parentheses, such as in (a, b)'],
  ['('.repeat(40) + '1' + ')'.repeat(40), 'it is nested too deeply'],
  [Array.from({ length: 300 }, () => '1').join('+'), 'an expression may have 200 words at most'],
])('%s is refused', (source, why) => {
  expect(compute(source)).toEqual({ ok: false, why })
})
