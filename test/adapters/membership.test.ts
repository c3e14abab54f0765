// What a daemon takes up of the cluster that the one before it belonged to, with real files.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { forgetCluster } from '../../src/daemon/agent/durable.js'
import { certificatesDirectory, saveCertificates } from '../../src/daemon/certificates/stored.js'
import { endMembership, finishLeaving, storeCluster, storedCluster } from '../../src/daemon/stored-cluster.js'
import type { LogEntry } from '../../src/daemon/ports.js'
import { clusterText } from '../../src/spec/cluster.js'
import { memoryStore } from '../sim/memory-store.js'
import { TestCluster, valueOf } from './cluster.js'

let cluster: TestCluster
beforeAll(async () => void (cluster = await TestCluster.make('c1')))
afterAll(() => cluster.remove())

const register = {
  stamp: { wallMs: 1, count: 0, node: 'node1' },
  text: valueOf(clusterText({ name: 'c1', id: 'c1', nodes: [{ name: 'node1', addresses: ['10.0.0.1'] }] })),
}

/** A member by the name of node1. */
async function member() {
  const varDir = mkdtempSync(join(tmpdir(), 'lsu-member-'))
  onTestFinished(() => rmSync(varDir, { recursive: true }))
  const said: string[] = []
  const log = { write: ({ message }: LogEntry) => void said.push(message) }
  const ports = { files: systemFiles(), store: memoryStore(), varDir, log, clock: systemClock() }
  /** Did it end a leave? */
  const finished = async (): Promise<boolean> => {
    const before = said.length
    valueOf(await finishLeaving(ports, 'node1'))
    return said.length > before
  }
  const { certificatePem, keyPem } = await cluster.material('node1')
  const certificates = { authority: cluster.authority, node: { certificatePem, keyPem } }
  const enter = async (): Promise<void> => {
    storeCluster(ports.store, register)
    valueOf(await saveCertificates(ports.files, varDir, certificates))
  }
  await enter()
  const directory = certificatesDirectory(varDir)
  return {
    ports,
    directory,
    finished,
    enter,
    files: () => readdirSync(directory),
    taken: () => storedCluster(ports, 'node1'),
  }
}

test('a node that took its leave belongs to no cluster, and there is nothing left to be done about it', async () => {
  const { ports, files, taken, finished } = await member()
  expect(valueOf(await taken())?.cluster.name).toBe('c1')
  valueOf(await endMembership(ports))
  expect(valueOf(await taken())).toBeNull()
  expect(files()).toEqual([])
  expect(await finished()).toBe(false)
})

describe('a node whose daemon was killed in its leave', () => {
  test.each([
    ['before its certificates were removed', []],
    ['when its own was removed, and the key of the cluster was not', ['node.crt']],
  ])('%s has none of them once the next daemon has begun', async (_, gone) => {
    const { ports, directory, files, taken, finished } = await member()
    forgetCluster(ports.store)
    for (const name of gone) rmSync(join(directory, name))
    expect(await finished()).toBe(true)
    expect(files()).toEqual([])
    expect(valueOf(await taken())).toBeNull()
    expect(await finished()).toBe(false)
  })

  test('is told where they cannot be removed, and tries again', async () => {
    const { ports, directory, finished } = await member()
    forgetCluster(ports.store)
    rmSync(join(directory, 'node.key'))
    mkdirSync(join(directory, 'node.key', 'in the way'), { recursive: true })
    expect(await finishLeaving(ports, 'node1')).toMatchObject({ ok: false })
    rmSync(join(directory, 'node.key'), { recursive: true })
    expect(await finished()).toBe(true)
  })

  test('and that has joined again since, by a version that knows of no mark, keeps what it was given', async () => {
    const { ports, enter, files, finished } = await member()
    await enter()
    ports.store.putAll([{ key: 'left', value: 'true' }])
    expect(await finished()).toBe(false)
    expect(files()).toHaveLength(4)
    ports.store.putAll([{ key: 'register/cluster/cluster', value: null }])
    expect(await finished(), 'the mark is gone').toBe(false)
  })

  test('and that has joined again since keeps what it was given', async () => {
    const { ports, enter, files, taken, finished } = await member()
    forgetCluster(ports.store)
    await enter()
    expect(await finished()).toBe(false)
    expect(files()).toHaveLength(4)
    expect(valueOf(await taken())?.cluster.name).toBe('c1')
  })
})

test('certificates without a configuration, of which no leave is known, are kept, with the next step', async () => {
  const { ports, files, taken, finished } = await member()
  ports.store.putAll([{ key: 'register/cluster/cluster', value: null }])
  expect(await finished()).toBe(false)
  expect(await taken()).toMatchObject({
    ok: false,
    error: {
      message: expect.stringMatching(/no configuration of it: move .* away, and let it join/) as unknown,
    },
  })
  expect(files()).toContain('node.crt')
})
