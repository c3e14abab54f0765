import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { aggregate, statusCode, type Status } from '../../../src/core/status.js'

const statuses = ['up', 'down', 'warn', 'n/a', 'undef', 'stdby up', 'stdby down'] as const

// OpenSVC agent documentation, "status": how two resources of an instance make one status.
const table = `
            | up       down       warn  n/a        undef      stdby up   stdby down
up          | up       warn       warn  up         up         up         warn
down        | warn     down       warn  down       down       stdby up   stdby down
warn        | warn     warn       warn  warn       warn       warn       warn
n/a         | up       down       warn  n/a        n/a        stdby up   stdby down
undef       | up       down       warn  n/a        undef      stdby up   stdby down
stdby up    | up       stdby up   warn  stdby up   stdby up   stdby up   warn
stdby down  | warn     stdby down warn  stdby down stdby down warn       stdby down
`

const pairs = table
  .trim()
  .split('\n')
  .slice(1)
  .flatMap((line) => {
    const [left = '', row = ''] = line.split('|')
    const cells = row.match(/stdby (up|down)|\S+/g) ?? []
    return statuses.map((right, i) => [left.trim() as Status, right, cells[i] as Status] as const)
  })

describe('two statuses make one', () => {
  test.each(pairs)('%s and %s: %s', (a, b, expected) => {
    expect(aggregate([a, b])).toBe(expected)
  })
})

test.each<readonly [string, readonly Status[], Status]>([
  ['nothing at all', [], 'undef'],
  ['a standby that is up beside a service that is up', ['stdby up', 'up', 'up'], 'up'],
  ['a standby that is up on the passive node', ['stdby up', 'down', 'down'], 'stdby up'],
  ['the same with something that is up', ['stdby up', 'down', 'up'], 'warn'],
  ['a standby that is down on the passive node', ['stdby down', 'down', 'n/a'], 'stdby down'],
  ['a standby that is down beside a service that is up', ['stdby down', 'up'], 'warn'],
  ['what was not looked at counts for nothing', ['undef', 'n/a', 'up'], 'up'],
])('%s', (_, all, expected) => {
  expect(aggregate(all)).toBe(expected)
})

describe('laws', () => {
  const any = fc.array(fc.constantFrom(...statuses), { maxLength: 6 })

  test('the order of the resources does not matter', () => {
    const shuffled = any.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(fc.property(shuffled, ([all, other]) => aggregate(other) === aggregate(all)))
  })

  test('a resource twice is the same as once', () => {
    fc.assert(fc.property(any, (all) => aggregate([...all, ...all]) === aggregate(all)))
  })

  test('a warning is never lost', () => {
    fc.assert(fc.property(any, (all) => aggregate([...all, 'warn']) === 'warn'))
  })
})

test('each status has an exit code of its own', () => {
  expect(statuses.map((status) => [status, statusCode(status)])).toEqual([
    ['up', 0],
    ['down', 1],
    ['warn', 2],
    ['n/a', 3],
    ['undef', 5],
    ['stdby up', 6],
    ['stdby down', 7],
  ])
})
