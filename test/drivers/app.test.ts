import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Value } from '../../src/core/service.js'
import { statusOf } from '../../src/resources/app/check.js'
import { appForking } from '../../src/resources/app/forking/driver.js'
import { appSimple } from '../../src/resources/app/simple/driver.js'
import { parseStat } from '../../src/resources/kit/processes.js'
import { conforms } from './conformance.js'
import { resource } from './sample.js'

const pidFile = (directory: string): string => join(directory, 'pid')

/** A daemon in the shape that an operator would configure it. */
const daemon = (directory: string): Readonly<Record<string, Value>> => ({
  start: `sh -c 'sleep 300 >/dev/null 2>&1 & echo $! > ${pidFile(directory)}'`,
  stop: `sh -c 'kill $(cat ${pidFile(directory)}); rm ${pidFile(directory)}'`,
  check: `pgrep -F ${pidFile(directory)}`,
  retcodes: '0:up 1:down 3:down',
})

conforms('app.forking', {
  driver: appForking,
  label: "forking sh -c 'sleep 300 >/dev/null 2>&1 & echo $! > DIR/pid'",
  tool: 'prlimit',
  prepare: async (directory) => ({
    resource: resource('app#1', 'forking', { ...daemon(directory), limit_nofile: 512 }),
  }),
})

conforms('app.simple', {
  driver: appSimple,
  label: 'simple sleep 300',
  prepare: async () => ({ resource: resource('app#1', 'simple', { start: 'sleep 300', kill: 'parent' }) }),
})

test.each([
  ['0:up 1:down', 0, 'up'],
  ['0:up 1:down', 1, 'down'],
  ['0:up 1:down', 7, null],
  ['0:up 3:n/a  4:warn', 3, 'n/a'],
  ['0:up 3:n/a  4:warn', 4, 'warn'],
])('retcodes %s: %d is %s', (retcodes, exit, status) => {
  expect(statusOf(retcodes, exit)).toBe(status)
})

test('a process whose name looks like more fields', () => {
  const rest = Array.from({ length: 30 }, (_, field) => field + 10)
  expect(parseStat(`42 (a) S 9) R 1 42 42 ${rest.join(' ')}`)).toEqual({
    pid: 42,
    parent: 1,
    group: 42,
    startTicks: 25,
  })
  expect(parseStat('42 (x) Z 1 42 42')).toBeNull()
})
