// What a daemon takes up of the cluster that the one before it belonged to, with real files.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { forgetCluster } from '../../src/daemon/agent/durable.js'
import { certificatesDirectory, saveCertificates } from '../../src/daemon/certificates/stored.js'
import { storeCluster, storedCluster } from '../../src/daemon/stored-cluster.js'
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
  const [files, store] = [systemFiles(), memoryStore()]
  const { certificatePem, keyPem } = await cluster.material('node1')
  const certificates = { authority: cluster.authority, node: { certificatePem, keyPem } }
  const enter = async (): Promise<void> => {
    storeCluster(store, register)
    valueOf(await saveCertificates(files, varDir, certificates))
  }
  await enter()
  return { store, enter, taken: () => storedCluster({ files, varDir, store }, 'node1'), varDir }
}

test('a node that took its leave, and was killed before its certificates were gone, belongs to no cluster', async () => {
  const { store, enter, taken, varDir } = await member()
  expect(valueOf(await taken())?.cluster.name).toBe('c1')
  forgetCluster(store)
  expect(valueOf(await taken())).toBeNull()
  expect(readdirSync(certificatesDirectory(varDir))).toEqual([])
  await enter()
  expect(valueOf(await taken())?.cluster.name).toBe('c1')
})

test('certificates beside a store that knows of no leave since are kept, with the next step', async () => {
  const { store, enter, taken, varDir } = await member()
  forgetCluster(store)
  await enter()
  store.putAll([{ key: 'register/cluster/cluster', value: null }])
  expect(await taken()).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/no configuration of it: move .* away, and let it join/) },
  })
  expect(readdirSync(certificatesDirectory(varDir))).toContain('node.crt')
})
