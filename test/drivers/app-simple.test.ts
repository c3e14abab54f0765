import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Resource, Service, Value } from '../../src/core/service.js'
import { appSimple } from '../../src/resources/app/simple/driver.js'
import { act, look } from './conformance.js'
import { testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let node: TestNode
let of: Service
beforeEach(() => {
  node = testNode([appSimple])
})
afterEach(async () => {
  await act('stop', node, of)
  node.remove()
})

const simple = (keywords: Readonly<Record<string, Value>>, rest: Partial<Resource> = {}): Service => {
  of = service([resource('app#1', 'simple', { kill: 'parent', ...keywords }, rest)], {
    env: { 'my.port': '80' },
  })
  return of
}

const quickStop = { start: 5000, stop: 1500, provision: 5000, unprovision: 5000, status: 5000 }

/** The process that the driver noted. */
const noted = (): number => Number(readFileSync(join(node.runDir, 'app/db1/app#1.pid'), 'utf8').split(' ')[0])

test('runs in what its keywords say', async () => {
  const out = join(node.directory, 'out')
  const script = `cd -P . && { pwd; umask; ulimit -n; id -u; id -g; echo $A $LONGSHORE_SERVICE $LONGSHORE_RID $LONGSHORE_GENERATION $LONGSHORE_ENV_MY_PORT; } > ${out}; exec sleep 300`
  const keywords = {
    start: `sh -c '${script}'`,
    umask: 0o027,
    limit_nofile: 333,
    group: '65534',
    cwd: '/usr',
    environment: ['A=b c'],
  }
  expect(await act('start', node, simple(keywords))).toBeNull()
  expect(readFileSync(out, 'utf8').trim().split('\n')).toEqual([
    '/usr',
    '0027',
    '333',
    '0',
    '65534',
    'b c db1 app#1 3 80',
  ])
})

test('runs as a user with its first group', async () => {
  expect(await act('start', node, simple({ start: 'sleep 300', user: 'nobody' }))).toBeNull()
  const status = readFileSync(`/proc/${noted()}/status`, 'utf8')
  expect(status).toMatch(/^Uid:\s+65534/m)
  expect(status).toMatch(/^Gid:\s+65534/m)
})

test('is found again by its environment when the note is lost', async () => {
  expect(await act('start', node, simple({ start: 'sleep 300' }))).toBeNull()
  const pid = noted()
  await node.io.files.remove(join(node.runDir, 'app/db1/app#1.pid'))
  expect((await look(node, of)).status).toBe('up')
  expect(await act('stop', node, of)).toBeNull()
  expect(existsSync(`/proc/${pid}/cwd`)).toBe(false)
})

test('another process with a noted pid is not taken for it', async () => {
  expect(await act('start', node, simple({ start: 'sleep 300' }))).toBeNull()
  await node.io.files.write(join(node.runDir, 'app/db1/app#1.pid'), '1 1\n')
  expect(await act('stop', node, of)).toBeNull()
  expect((await look(node, of)).status).toBe('down')
})

test('one that ignores SIGTERM is killed before the time for the stop is over', async () => {
  const keywords = { start: `sh -c 'trap "" TERM; while :; do sleep 1; done'`, kill: 'tree' }
  expect(await act('start', node, simple(keywords, { timeouts: quickStop }))).toBeNull()
  expect(await act('stop', node, of)).toBeNull()
  expect((await look(node, of)).released).toBe(true)
})

test.each(['parent', 'tree'])('kill = %s leaves no process behind', async (kill) => {
  const keywords = { start: `sh -c 'sleep 301 & sleep 302 & wait'`, kill }
  expect(await act('start', node, simple(keywords))).toBeNull()
  expect(await act('stop', node, of)).toBeNull()
  expect((await look(node, of)).status).toBe('down')
})

test('one that ends at once has not started', async () => {
  const why = 'app#1: the process ended at once: run its command by hand to see why'
  expect(await act('start', node, simple({ start: '/bin/true' }))).toBe(why)
})

test('one that left others behind is a warning', async () => {
  await act('start', node, simple({ start: `sh -c '(sleep 300 &) ; sleep 0.5'` }))
  await expect.poll(async () => (await look(node, of)).status, { timeout: 10_000 }).toBe('warn')
  expect((await look(node, of)).messages[0]?.text).toContain('processes that it started have not')
})

test('its own check has the last word while it runs', async () => {
  expect(await act('start', node, simple({ start: 'sleep 300', check: '/bin/false' }))).toContain('is down')
})
