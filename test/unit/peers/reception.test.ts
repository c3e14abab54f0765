import { expect, test } from 'vitest'
import { lossOf, received, type Reception } from '../../../src/daemon/peers/reception.js'

const after = (...rounds: readonly number[]): Reception => {
  const [first = 0, ...others] = rounds
  return others.reduce(
    (reception, round) => received(reception, { incarnation: 1, round, late: false }),
    received(null, { incarnation: 1, round: first, late: false }),
  )
}
const upTo = (last: number, leftOut: (round: number) => boolean = () => false): number[] =>
  Array.from({ length: last }, (_, i) => i + 1).filter((round) => !leftOut(round))

test.each<readonly [string, Reception, number, number]>([
  ['nothing is lost where every number came', after(1, 2, 3), 0, 0],
  ['a gap is lost beats', after(1, 2, 5), 0, 0.4],
  ['one that comes late is not lost', after(1, 3, 2), 0, 0],
  ['one that comes twice counts once', after(1, 2, 2, 4), 0, 0.25],
  ['what was before the first is not missed', after(50, 51, 40), 0, 0],
  ['silence counts as well', after(1, 2, 3), 1, 0.25],
  ['silence for the whole window is a loss of everything', after(1, 2, 3), 1000, 1],
  ['the last hundred count', after(...upTo(300, (round) => round <= 200 && round % 2 === 0)), 0, 0],
  ['every fourth', after(...upTo(300, (round) => round % 4 === 1)), 0, 0.25],
  ['a gap longer than the window', after(1, 2, 500), 0, 0.99],
  ['silence pushes old losses out of the window', after(1, ...upTo(120).slice(20)), 10, 0.1],
])('%s', (_, reception, overdue, expected) => {
  expect(lossOf(reception, overdue)).toBeCloseTo(expected, 6)
})

test('a sender that starts anew is counted anew, and what is left of its former life is not', () => {
  const before = after(1, 2, 90)
  const anew = received(before, { incarnation: 2, round: 1, late: false })
  expect(lossOf(anew, 0)).toBe(0)
  expect(received(anew, { incarnation: 1, round: 91, late: false })).toBe(anew)
})
