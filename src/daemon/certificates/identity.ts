import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { fail, ok, type Result } from '../../core/result.js'

/** Whom a certificate of ours names: one node of one cluster. */
export interface Identity {
  readonly node: string
  readonly clusterId: string
}

/** Names that may stand in a certificate; the configuration's node names are a part of these. */
export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
export const CLUSTER_ID = /^[A-Za-z0-9-]{1,64}$/

/** The cluster as it stands among a certificate's subject alternative names, beside the node's name. */
export const clusterUri = (clusterId: string): string => `urn:longshore:cluster:${clusterId}`

/** Null where the certificate is none that a cluster's authority issues to a node. */
export function identityOf(certificate: X509Certificate): Identity | null {
  const names = (certificate.subjectAltName ?? '').split(', ')
  const node = names.find((name) => name.startsWith('DNS:'))?.slice('DNS:'.length)
  const uri = names.find((name) => name.startsWith(`URI:${clusterUri('')}`))
  if (node === undefined || uri === undefined || certificate.subject !== `CN=${node}`) return null
  return { node, clusterId: uri.slice(`URI:${clusterUri('')}`.length) }
}

/** SHA-256 of the certificate itself, in hexadecimal: what a join token pins the authority by. */
export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex')
}

/** In the last third of its life a certificate is due for renewal, and after its end all the more. */
export function renewalDue(certificatePem: string, wallMs: number): boolean {
  const { validFrom, validTo } = new X509Certificate(certificatePem)
  const endMs = Date.parse(validTo)
  return wallMs >= endMs - (endMs - Date.parse(validFrom)) / 3
}

/** Do these belong together: issued by this authority, to this node, for this key, and valid now? */
export function checkCertificate(o: {
  readonly certificatePem: string
  readonly keyPem: string
  readonly authorityPem: string
  readonly identity: Identity
  readonly wallMs: number
}): Result<void> {
  try {
    const certificate = new X509Certificate(o.certificatePem)
    const found = identityOf(certificate)
    const complain = (why: string): Result<void> =>
      fail('INVALID', `the certificate of ${o.identity.node} ${why}`)
    if (found?.node !== o.identity.node) return complain(`names ${found?.node ?? 'no node of a cluster'}`)
    if (found.clusterId !== o.identity.clusterId) return complain('belongs to another cluster')
    if (!certificate.verify(new X509Certificate(o.authorityPem).publicKey)) {
      return complain("was not issued by the cluster's authority")
    }
    if (!certificate.checkPrivateKey(createPrivateKey(o.keyPem))) return complain('does not fit its key')
    if (o.wallMs < Date.parse(certificate.validFrom))
      return complain('is not valid yet: set the clock of this node')
    if (o.wallMs > Date.parse(certificate.validTo))
      return complain('has expired: renew it, or set the clock of this node')
    return ok(undefined)
  } catch (error) {
    return fail('INVALID', `the certificate of ${o.identity.node} cannot be read: ${String(error)}`)
  }
}
