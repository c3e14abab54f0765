import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/daemon/adapters/clock.js'
import { systemExec } from '../../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../../src/daemon/adapters/files.js'
import { systemRng } from '../../../src/daemon/adapters/rng.js'
import {
  createAuthority,
  issueCertificate,
  renewCertificate,
  requestCertificate,
  type KeyPair,
} from '../../../src/daemon/certificates/authority.js'
import {
  checkCertificate,
  fingerprintOf,
  identityOf,
  renewalDue,
} from '../../../src/daemon/certificates/identity.js'
import type { IssuePorts } from '../../../src/daemon/certificates/openssl.js'
import {
  certificatesDirectory,
  loadCertificates,
  removeCertificates,
  saveCertificates,
  saveNodeCertificate,
} from '../../../src/daemon/certificates/stored.js'
import type { Result } from '../../../src/core/result.js'

const DAY_MS = 24 * 3600 * 1000
const now = Date.UTC(2026, 10, 21, 12)

test('a cluster: an authority, a node, its renewal', async () => {
  const ports = issuePorts()
  const authority = value(await createAuthority(ports, 'c1', now))
  const node = await newNode(ports, authority, 'node1', 'c1')
  const certificate = new X509Certificate(node.certificatePem)

  expect(identityOf(certificate)).toEqual({ node: 'node1', clusterId: 'c1' })
  expect(Date.parse(certificate.validFrom)).toBe(now - DAY_MS)
  expect(Date.parse(certificate.validTo)).toBe(now + 365 * DAY_MS)
  expect(Date.parse(new X509Certificate(authority.certificatePem).validTo)).toBe(now + 20 * 365 * DAY_MS)
  expect(certificate.ca).toBe(false)
  expect(identityOf(new X509Certificate(authority.certificatePem))).toBeNull()
  expect(readdirSync(ports.directory)).toEqual([])

  const later = now + 300 * DAY_MS
  const renewed = value(
    await renewCertificate(ports, authority, {
      ...node,
      identity: { node: 'node1', clusterId: 'c1' },
      wallMs: later,
    }),
  )
  expect(new X509Certificate(renewed).serialNumber).not.toBe(certificate.serialNumber)
  expect(Date.parse(new X509Certificate(renewed).validTo)).toBe(later + 365 * DAY_MS)
  expect(check({ ...node, certificatePem: renewed }, authority, 'node1', 'c1', later)).toBe('ok')
})

test.each([
  [-2, 'ok', false],
  [242, 'ok', false],
  [244, 'ok', true],
  [400, 'the certificate of node1 has expired: renew it, or set the clock of this node', true],
  [-3, 'the certificate of node1 is not valid yet: set the clock of this node', false],
])('%i days after the issue: %s, due %s', async (days, expected, due) => {
  const ports = issuePorts()
  const authority = value(await createAuthority(ports, 'c1', now))
  const node = await newNode(ports, authority, 'node1', 'c1')
  // The issue is a day and a bit after the beginning of the validity.
  const wallMs = now + days * DAY_MS + (days === -2 ? DAY_MS : 0)
  expect(check(node, authority, 'node1', 'c1', wallMs)).toBe(expected)
  expect(renewalDue(node.certificatePem, wallMs)).toBe(due)
})

test('a certificate of another name, cluster, authority or key is refused', async () => {
  const ports = issuePorts()
  const authority = value(await createAuthority(ports, 'c1', now))
  const stranger = value(await createAuthority(ports, 'c1', now))
  const node = await newNode(ports, authority, 'node1', 'c1')
  const other = await newNode(ports, authority, 'node2', 'c1')
  expect(check(other, authority, 'node1', 'c1')).toBe('the certificate of node1 names node2')
  expect(check(node, authority, 'node1', 'c2')).toBe('the certificate of node1 belongs to another cluster')
  expect(check(node, stranger, 'node1', 'c1')).toBe(
    "the certificate of node1 was not issued by the cluster's authority",
  )
  expect(check({ ...node, keyPem: other.keyPem }, authority, 'node1', 'c1')).toBe(
    'the certificate of node1 does not fit its key',
  )
  expect(fingerprintOf(new X509Certificate(authority.certificatePem))).not.toBe(
    fingerprintOf(new X509Certificate(stranger.certificatePem)),
  )
})

test('of a request only the key is taken', async () => {
  const ports = issuePorts()
  const authority = value(await createAuthority(ports, 'c1', now))
  const { requestPem } = value(await requestCertificate(ports, 'node9'))
  const identity = { node: 'node2', clusterId: 'c1' }
  const issued = value(await issueCertificate(ports, authority, { requestPem, identity, wallMs: now }))
  expect(identityOf(new X509Certificate(issued))).toEqual(identity)
})

test.each([
  [
    'a name that would break out',
    { requestPem: 'x', identity: { node: 'a, DNS:b', clusterId: 'c1' }, wallMs: now },
  ],
  [
    'a request that is none',
    { requestPem: 'nonsense', identity: { node: 'node1', clusterId: 'c1' }, wallMs: now },
  ],
  [
    'a request without end',
    { requestPem: 'x'.repeat(1e6), identity: { node: 'node1', clusterId: 'c1' }, wallMs: now },
  ],
])('%s is refused and leaves nothing behind', async (_, request) => {
  const ports = issuePorts()
  const authority = value(await createAuthority(ports, 'c1', now))
  expect((await issueCertificate(ports, authority, request)).ok).toBe(false)
  expect(readdirSync(ports.directory)).toEqual([])
})

test('certificates are kept with keys for root alone, and are gone after leaving', async () => {
  const ports = issuePorts()
  const { files, directory: varDir } = ports
  expect(value(await loadCertificates(files, varDir))).toBeNull()
  const authority = value(await createAuthority(ports, 'c1', now))
  const node = await newNode(ports, authority, 'node1', 'c1')
  value(await saveCertificates(files, varDir, { authority, node }))
  expect(value(await loadCertificates(files, varDir))).toEqual({ authority, node })
  const directory = certificatesDirectory(varDir)
  const modes = readdirSync(directory).map((name) => [
    name,
    (statSync(join(directory, name)).mode & 0o777).toString(8),
  ])
  expect(modes).toEqual([
    ['ca.crt', '644'],
    ['ca.key', '600'],
    ['node.crt', '644'],
    ['node.key', '600'],
  ])
  value(await saveNodeCertificate(files, varDir, 'renewed'))
  expect(readFileSync(join(directory, 'node.crt'), 'utf8')).toBe('renewed')
  value(await removeCertificates(files, varDir))
  expect(value(await loadCertificates(files, varDir))).toBeNull()
})

async function newNode(
  ports: IssuePorts,
  authority: KeyPair,
  node: string,
  clusterId: string,
): Promise<KeyPair> {
  const { keyPem, requestPem } = value(await requestCertificate(ports, node))
  const identity = { node, clusterId }
  return {
    keyPem,
    certificatePem: value(await issueCertificate(ports, authority, { requestPem, identity, wallMs: now })),
  }
}

function check(node: KeyPair, authority: KeyPair, name: string, clusterId: string, wallMs = now): string {
  const authorityPem = authority.certificatePem
  const checked = checkCertificate({ ...node, authorityPem, identity: { node: name, clusterId }, wallMs })
  return checked.ok ? 'ok' : checked.error.message
}

function issuePorts(): IssuePorts {
  const directory = mkdtempSync(join(tmpdir(), 'lsu-certificates-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return { exec: systemExec(systemClock()), files: systemFiles(), rng: systemRng(), directory }
}

function value<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error([result.error.message, ...(result.error.details ?? [])].join('\n'))
}
