import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Service, Value } from '../../src/core/service.js'
import { fsDirectory } from '../../src/resources/fs/directory/driver.js'
import { act, look } from './conformance.js'
import { testNode, type TestNode } from './node.js'
import { resource, service } from './sample.js'

let node: TestNode
beforeEach(() => {
  node = testNode([fsDirectory])
})
afterEach(() => node.remove())

const at = (): string => join(node.directory, 'd')

const of = (keywords: Readonly<Record<string, Value>>): Service =>
  service([resource('fs#1', 'directory', { path: at(), ...keywords })])

test('differences are warnings that a start puts right', async () => {
  mkdirSync(at(), { mode: 0o700 })
  const wanted = of({ user: '65534', perm: 0o755 })
  const seen = await look(node, wanted)
  expect([seen.status, ...seen.messages.map((message) => message.text)]).toEqual([
    'warn',
    `${at()} is owned by user 0, not 65534`,
    `${at()} has permissions 0700, not 0755`,
  ])
  expect(await act('start', node, wanted)).toBeNull()
  expect([statSync(at()).uid, statSync(at()).mode & 0o7777]).toEqual([65534, 0o755])
})

test('an owner that is not asked for stays', async () => {
  mkdirSync(at())
  chmodSync(at(), 0o711)
  expect((await look(node, of({ group: '0' }))).status).toBe('n/a')
})

test('a file in its place is left alone', async () => {
  writeFileSync(at(), 'text')
  expect(await act('start', node, of({}))).toBe(`fs#1: ${at()} is no directory: move it away`)
})

test('a user that the node does not know', async () => {
  const seen = await look(node, of({ user: 'lsu-nobody-has-this-name' }))
  expect([seen.status, seen.messages[0]?.text]).toEqual([
    'undef',
    'this node knows no user lsu-nobody-has-this-name: create it, or give a number',
  ])
})
