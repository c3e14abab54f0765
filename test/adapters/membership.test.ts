// What a daemon takes up of the cluster that the one before it belonged to, with real files.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { forgetCluster } from '../../src/daemon/agent/durable.js'
import { certificatesDirectory, saveCertificates } from '../../src/daemon/certificates/stored.js'
import { endMembership, finishLeaving, storeCluster, storedCluster } from '../../src/daemon/stored-cluster.js'
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
  const ports = { files: systemFiles(), store: memoryStore(), varDir }
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
    enter,
    files: () => readdirSync(directory),
    taken: () => storedCluster(ports, 'node1'),
  }
}

test('a node that took its leave belongs to no cluster, and there is nothing left to be done about it', async () => {
  const { ports, files, taken } = await member()
  expect(valueOf(await taken())?.cluster.name).toBe('c1')
  valueOf(await endMembership(ports))
  expect(valueOf(await taken())).toBeNull()
  expect(files()).toEqual([])
  expect(valueOf(await finishLeaving(ports))).toBe(false)
})

describe('a node whose daemon was killed in its leave', () => {
  test.each([
    ['before its certificates were removed', []],
    ['when its own was removed, and the key of the cluster was not', ['node.crt']],
  ])('%s has none of them once the next daemon has begun', async (_, gone) => {
    const { ports, directory, files, taken } = await member()
    forgetCluster(ports.store)
    for (const name of gone) rmSync(join(directory, name))
    expect(valueOf(await finishLeaving(ports))).toBe(true)
    expect(files()).toEqual([])
    expect(valueOf(await taken())).toBeNull()
    expect(valueOf(await finishLeaving(ports))).toBe(false)
  })

  test('is told where they cannot be removed, and tries again', async () => {
    const { ports, directory } = await member()
    forgetCluster(ports.store)
    rmSync(join(directory, 'node.key'))
    mkdirSync(join(directory, 'node.key', 'in the way'), { recursive: true })
    expect(await finishLeaving(ports)).toMatchObject({ ok: false })
    rmSync(join(directory, 'node.key'), { recursive: true })
    expect(valueOf(await finishLeaving(ports))).toBe(true)
  })

  test('and that has joined again since keeps what it was given', async () => {
    const { ports, enter, files, taken } = await member()
    forgetCluster(ports.store)
    await enter()
    expect(valueOf(await finishLeaving(ports))).toBe(false)
    expect(files()).toHaveLength(4)
    expect(valueOf(await taken())?.cluster.name).toBe('c1')
  })
})

test('certificates without a configuration, of which no leave is known, are kept, with the next step', async () => {
  const { ports, files, taken } = await member()
  ports.store.putAll([{ key: 'register/cluster/cluster', value: null }])
  expect(valueOf(await finishLeaving(ports))).toBe(false)
  expect(await taken()).toMatchObject({
    ok: false,
    error: {
      message: expect.stringMatching(/no configuration of it: move .* away, and let it join/) as unknown,
    },
  })
  expect(files()).toContain('node.crt')
})
