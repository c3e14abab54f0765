import { describe, expect, test } from 'vitest'
import { availability } from '../../../src/core/reduce/availability.js'
import type { Status } from '../../../src/core/status.js'
import { resource, service } from '../../drivers/sample.js'

const db1 = service([
  resource('fs#1', 'xfs'),
  resource('container#0', 'docker', {}, { exclusive: false }),
  resource('container#1', 'docker'),
  resource('app#1', 'simple', {}, { optional: true }),
  resource('sync#i0', 'config', {}, { exclusive: false }),
])

const of = (fs: Status, pause: Status, server: Status, optional: Status = 'up'): Status => {
  const seen: Record<string, Status> = {
    'fs#1': fs,
    'container#0': pause,
    'container#1': server,
    'app#1': optional,
    'sync#i0': 'up',
  }
  return availability(db1, (rid) => seen[rid])
}

describe('an instance is', () => {
  test.each([
    ['up where everything is', of('up', 'up', 'up'), 'up'],
    ['up whatever is optional', of('up', 'up', 'up', 'down'), 'up'],
    ['down where everything is', of('down', 'down', 'down'), 'down'],
    ['down where only the namespace is prepared', of('down', 'up', 'down'), 'down'],
    ['neither where it is half up', of('up', 'up', 'down'), 'warn'],
    ['neither where the namespace is gone', of('up', 'down', 'up'), 'warn'],
    ['neither where the namespace itself is odd', of('down', 'warn', 'down'), 'warn'],
  ])('%s', (_, seen, expected) => {
    expect(seen).toBe(expected)
  })

  test('up where nothing of it is exclusive and all is up', () => {
    const open = service([resource('container#0', 'docker', {}, { exclusive: false })])
    expect(availability(open, () => 'up')).toBe('up')
  })
})
