// What a node makes of the answer to its join token, over real TLS.
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { serveTls } from '../../src/daemon/adapters/https.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'
import { fingerprintOf } from '../../src/daemon/certificates/identity.js'
import { formatToken } from '../../src/daemon/certificates/token.js'
import { askToJoin } from '../../src/daemon/members.js'
import { TestCluster, valueOf } from './cluster.js'

let cluster: TestCluster
beforeAll(async () => void (cluster = await TestCluster.make('c1')))
afterAll(() => cluster.remove())

const answer = {
  certificate: 'certificate',
  authority: 'authority',
  authorityKey: 'key',
  cluster: { stamp: { wallMs: 1, count: 0, node: 'node1' }, text: 'cluster:\n  name: c1\n' },
}

test('an answer is taken, and what a newer member says besides is left', async () => {
  const joined = valueOf(await joinBy({ ...answer, quota: 7 }))
  expect(joined.cluster).toEqual(answer.cluster)
  expect(joined.certificates.authority).toEqual({ certificatePem: 'authority', keyPem: 'key' })
})

test.each([
  ['nothing', {}],
  ['no configuration', { ...answer, cluster: {} }],
  ['a stamp that is none', { ...answer, cluster: { ...answer.cluster, stamp: 'now' } }],
  ['rules that are none', { ...answer, cluster: { ...answer.cluster, rules: [{ voters: 3 }] } }],
])('an answer with %s is refused, and the node is no member', async (_, wrong) => {
  const joined = await joinBy(wrong)
  expect(joined.ok ? null : joined.error.message).toMatch(
    /^the member at 127\.0\.0\.1:\d+ let this node in with an answer that cannot be read: install the same version on all nodes, then make a new token with om cluster token$/,
  )
})

/** Joins by a token of a member that answers so. */
async function joinBy(said: unknown) {
  const server = valueOf(
    await serveTls({
      port: 0,
      host: '127.0.0.1',
      material: await cluster.material('node1'),
      members: () => ['node1'],
      openPaths: ['/api/cluster/enrol'],
      serve: async () => Response.json(said),
      onPeer: (_, socket) => socket.destroy(),
    }),
  )
  onTestFinished(() => server.close())
  const directory = mkdtempSync(join(tmpdir(), 'lsu-join-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const clock = systemClock()
  const ports = { exec: systemExec(clock), files: systemFiles(), rng: systemRng(), directory }
  const fingerprint = fingerprintOf(new X509Certificate(cluster.authority.certificatePem))
  const addresses = [`127.0.0.1:${server.port}`]
  const token = formatToken({ id: 'a'.repeat(12), secret: 'b'.repeat(32), fingerprint, addresses })
  return askToJoin(ports, { token, node: 'node2', machineId: 'm2', addresses: [], role: 'node', port: 1215 })
}
