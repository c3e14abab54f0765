import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from '../../src/core/result.js'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'
import type { TlsMaterial } from '../../src/daemon/adapters/tls.js'
import {
  createAuthority,
  issueCertificate,
  requestCertificate,
  type KeyPair,
} from '../../src/daemon/certificates/authority.js'
import type { IssuePorts } from '../../src/daemon/certificates/openssl.js'

/** A cluster's authority that issues certificates to nodes, each once. To be removed at the end. */
export class TestCluster {
  private readonly issued = new Map<string, Promise<TlsMaterial>>()

  private constructor(
    readonly clusterId: string,
    readonly authority: KeyPair,
    private readonly ports: IssuePorts,
  ) {}

  static async make(clusterId: string): Promise<TestCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'lsu-cluster-'))
    const ports = { exec: systemExec(systemClock()), files: systemFiles(), rng: systemRng(), directory }
    return new TestCluster(clusterId, valueOf(await createAuthority(ports, clusterId, Date.now())), ports)
  }

  remove(): void {
    rmSync(this.ports.directory, { recursive: true })
  }

  material(node: string): Promise<TlsMaterial> {
    const known = this.issued.get(node) ?? this.issue(node, Date.now())
    this.issued.set(node, known)
    return known
  }

  /** A certificate as if issued then. */
  async issue(node: string, wallMs: number): Promise<TlsMaterial> {
    const { ports, authority, clusterId } = this
    const { keyPem, requestPem } = valueOf(await requestCertificate(ports, node))
    const identity = { node, clusterId }
    const certificatePem = valueOf(await issueCertificate(ports, authority, { requestPem, identity, wallMs }))
    return { clusterId, authorityPem: authority.certificatePem, certificatePem, keyPem }
  }
}

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Error([result.error.message, ...(result.error.details ?? [])].join('\n'))
}
