import { expect, test } from 'vitest'
import { builtinDrivers, registryOf } from '../../../src/resources/registry.js'
import { driverSections } from '../../../src/resources/sections.js'
import { schemaOf } from '../../../src/spec/schema.js'
import { Configuration } from '../../../src/daemon/agent/configuration.js'
import type { Node } from '../../../src/daemon/agent/action/view.js'
import { Logbook } from '../../../src/daemon/agent/logbook.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import type { Files, Store } from '../../../src/daemon/ports.js'
import { worldOf } from '../../cases/world.js'
import { Cluster } from '../../sim/cluster.js'
import { flagService } from '../../sim/service.js'

interface Watching {
  readonly configuration: Configuration
  readonly store: Store
  readonly read: string[]
}

/** The configuration of a node, and which files it has read. */
function watching(): Watching {
  const cluster = new Cluster({ nodes: ['node1'], services: [flagService('db1', ['node1'])] })
  cluster.begin()
  const { daemon, store } = cluster.machine('node1')
  if (daemon === null) throw new Error('node1 has no daemon')
  const { agent, clock } = daemon
  const read: string[] = []
  const files = {
    read: (path: string) => {
      read.push(path)
      return Promise.resolve({ ok: true, value: '' })
    },
  } as Partial<Files> as Files
  const keep = (): { ageMs: number; lines: number } => ({ ageMs: 0, lines: 0 })
  const log = { write: () => undefined }
  const logbook = new Logbook({ node: 'node1', clock, store, log, publish: () => undefined, keep })
  const schema = schemaOf(driverSections)
  return {
    configuration: new Configuration({
      agent,
      node: { name: 'node1', registry: registryOf(builtinDrivers) } as Partial<Node> as Node,
      files,
      store,
      clock,
      logbook,
      schema,
      etcDir: '/etc/longshore',
    }),
    store,
    read,
  }
}

test('however often a file is said to have changed, it is looked at once, and again when it changes after that', async () => {
  const { configuration, read } = watching()
  for (let i = 0; i < 50; i++) {
    configuration.editedByHand('db1', 'config')
    configuration.editedByHand('db2', 'config')
  }
  await configuration.settled()
  const both = ['/etc/longshore/services.d/db1.yaml', '/etc/longshore/services.d/db2.yaml']
  expect(read).toEqual(both)
  configuration.editedByHand('db1', 'config')
  await configuration.settled()
  expect(read).toEqual([...both, '/etc/longshore/services.d/db1.yaml'])
})

test('a text that takes out, or sends elsewhere, what a node that is heard has up may not follow', () => {
  const { configuration } = watching()
  const text = (dev: string): string =>
    `fs#1:\n  type: xfs\n  dev: ${dev}\n  mnt: /srv\nfs#2:\n  type: flag\n`
  const world = worldOf({ why: '', on: { node1: { is: 'up', statuses: { 'fs#1': 'up' } }, node2: 'down' } })
  const config: RegisterEntry = {
    kind: 'config',
    name: 'db1',
    value: { text: text('/dev/a'), author: 'user' },
    stamp: { wallMs: 1, count: 0, node: 'node1' },
  }
  const known = { ...world, registers: { ...world.registers, 'config/db1': config } }
  const ask = (next: string): string | null => {
    const answer = configuration.mayFollow('db1', next, known, '-')
    return answer.ok ? null : answer.error.message
  }
  const refusal = expect.stringMatching(/^fs#1 \(.+\) is up on node1: stop it first/) as string
  expect(ask('fs#2:\n  type: flag\n')).toEqual(refusal)
  expect(ask(text('/dev/b'))).toEqual(refusal)
  expect(ask(`${text('/dev/a')}fs#3:\n  type: flag\n`)).toBe(null)
  expect(ask(text('/dev/a').replace('mnt: /srv', 'mnt: /srv\n  restart: 2'))).toBe(null)
  expect(ask('fs#1:\n  type: nonsense\n')).toContain('nonsense')
})

test('a daemon that begins has in its history what the one before had no time to write there', async () => {
  const { configuration, store } = watching()
  const text = 'fs#1:\n  type: flag\n'
  const stamp = { wallMs: 1, count: 0, node: 'node1' }
  const config: RegisterEntry = { kind: 'config', name: 'db1', value: { text, author: 'user' }, stamp }
  const world = worldOf({ why: '', on: { node1: 'down' } })
  expect(store.history('config/db1')).toEqual([])
  configuration.adoptFiles({ ...world, registers: { 'config/db1': config } })
  await configuration.settled()
  expect(store.history('config/db1')).toMatchObject([{ text, author: 'user', wallMs: 1 }])
})
