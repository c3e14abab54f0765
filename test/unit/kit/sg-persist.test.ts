import { expect, test } from 'vitest'
import { parseKeys, parseReservation } from '../../../src/resources/kit/sg-persist.js'

// The answers are as src/sg_persist.c of sg3_utils 1.46 prints them.

test.each([
  ['  PR generation=0x0, there are NO registered reservation keys\n', []],
  ['  PR generation=0x2, 1 registered reservation key follows:\n    0x1\n', ['0x1']],
  [
    '  PR generation=0x1f, 2 registered reservation keys follow:\n    0x1\n    0xea1b2a62b1dd8f34\n',
    ['0x1', '0xea1b2a62b1dd8f34'],
  ],
  ['  PR generation=0x2, 2 registered reservation keys follow:\n    0x1\n', null],
  ['  PR generation=0x2, 1 registered reservation key follows:\n    1\n', null],
  ['  PR generation=0x2, there are NO registered reservation keys\n    0x1\n', null],
  ['', null],
])('keys in %j', (text, keys) => {
  const parsed = parseKeys(text)
  expect(parsed.ok ? parsed.value : null).toEqual(keys)
})

const unreadable = 'unreadable'
test.each([
  ['  PR generation=0x6c, there is NO reservation held\n', null],
  [
    '  PR generation=0x6c, Reservation follows:\n    Key=0xea1b2a62b1dd8f34\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n',
    { key: '0xea1b2a62b1dd8f34', type: 'Write Exclusive, registrants only' },
  ],
  ['  PR generation=0x6c, Reservation follows:\n    Key=0x1\n', unreadable],
  [
    '  PR generation=0x6c, Reservation follows:\n    Key=0x1\n    scope: 1  type: Write Exclusive\n',
    unreadable,
  ],
  ['  PR generation=0x6c, there is NO reservation held\n    Key=0x1\n', unreadable],
  ['PR in (Read reservation): command not supported\n', unreadable],
])('the reservation in %j', (text, reservation) => {
  const parsed = parseReservation(text)
  expect(parsed.ok ? parsed.value : unreadable).toEqual(reservation)
})
