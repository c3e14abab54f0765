import { renewCertificate } from './certificates/authority.js'
import { renewalDue, type Identity } from './certificates/identity.js'
import type { IssuePorts } from './certificates/openssl.js'
import { saveNodeCertificate, type Certificates } from './certificates/stored.js'
import { fail, ok, type Result } from '../core/result.js'

export interface RenewalPorts extends IssuePorts {
  readonly varDir: string
}

/** The certificates with a new one for this node, saved already; null while the one that there is will do. */
export async function renewed(
  ports: RenewalPorts,
  certificates: Certificates,
  identity: Identity,
  wallMs: number,
): Promise<Result<Certificates | null>> {
  const { node, authority } = certificates
  if (!renewalDue(node.certificatePem, wallMs)) return ok(null)
  const { keyPem } = node
  const issued = await renewCertificate(ports, authority, { keyPem, identity, wallMs })
  const saved = issued.ok ? await saveNodeCertificate(ports.files, ports.varDir, issued.value) : issued
  if (!issued.ok) return unrenewed(issued.error.message)
  if (!saved.ok) return unrenewed(saved.error.message)
  return ok({ ...certificates, node: { certificatePem: issued.value, keyPem } })
}

const unrenewed = (why: string): Result<never> =>
  fail('UNAVAILABLE', `the certificate of this node could not be renewed: ${why}`)
