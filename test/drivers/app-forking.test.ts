import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Service, Value } from '../../src/core/service.js'
import { appForking } from '../../src/resources/app/forking/driver.js'
import { act, look } from './conformance.js'
import { testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let node: TestNode
let of: Service
beforeEach(() => {
  node = testNode([appForking])
})
afterEach(async () => {
  await act('stop', node, of)
  node.remove()
})

const forking = (keywords: Readonly<Record<string, Value>>): Service => {
  of = service([resource('app#1', 'forking', keywords)])
  return of
}

const quickStop = { start: 5000, stop: 1500, provision: 5000, unprovision: 5000, status: 5000 }

test('without a check nothing is known of it', async () => {
  expect(await act('start', node, forking({ start: '/bin/true' }))).toBeNull()
  const seen = await look(node, of)
  expect([seen.status, seen.messages[0]?.text]).toEqual(['n/a', 'check is not set'])
})

test('a script is told what to do', async () => {
  const script = join(node.directory, 'script')
  await node.io.files.write(
    script,
    `#!/bin/sh\necho $1 >> ${node.directory}/told\n[ "$1" != status ] || exit 1\n`,
    0o755,
  )
  await look(node, forking({ script, start: '10', stop: 'true', check: 'true' }))
  expect(readFileSync(join(node.directory, 'told'), 'utf8')).toBe('status\n')
})

test('a failing stop is a failure where there is no check to say otherwise', async () => {
  expect(await act('stop', node, forking({ stop: '/bin/false' }))).toBe(
    'app#1: /bin/false failed with exit code 1',
  )
})

test('a stop that fails while the check says down is good enough', async () => {
  const flag = join(node.directory, 'flag')
  const keywords = { start: `touch ${flag}`, stop: `sh -c 'rm ${flag}; false'`, check: `test -e ${flag}` }
  expect(await act('start', node, forking(keywords))).toBeNull()
  expect(await act('stop', node, of)).toBeNull()
})

test('a start that the check does not confirm in time', async () => {
  of = service([
    resource(
      'app#1',
      'forking',
      { start: '/bin/true', check: '/bin/false' },
      { timeouts: { ...quickStop, start: 1500 } },
    ),
  ])
  expect(await act('start', node, of)).toBe('app#1: check still says down')
})

test('what check prints is shown where asked for', async () => {
  const seen = await look(node, forking({ check: `sh -c 'echo 3 workers; exit 0'`, status_log: true }))
  expect([seen.status, seen.messages]).toEqual(['up', [{ level: 'info', text: '3 workers' }]])
  of = forking({})
})
