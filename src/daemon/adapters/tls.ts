import { X509Certificate } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import { identityOf, type Identity } from '../certificates/identity.js'

/** With what this node shows itself, and whom it believes. PEM texts. */
export interface TlsMaterial {
  readonly clusterId: string
  readonly authorityPem: string
  readonly certificatePem: string
  readonly keyPem: string
}

/** The authority goes along in the chain: a joining node knows only its fingerprint. */
export function secureContext(material: TlsMaterial): Pick<TlsOptions, 'ca' | 'cert' | 'key' | 'minVersion'> {
  const { authorityPem, certificatePem, keyPem } = material
  return { ca: authorityPem, cert: `${certificatePem}\n${authorityPem}`, key: keyPem, minVersion: 'TLSv1.3' }
}

/** Whom a certificate names whose chain has been verified already; null unless it is a node of this cluster. */
export function nodeOf(certificate: X509Certificate | undefined, clusterId: string): string | null {
  const identity: Identity | null = certificate === undefined ? null : identityOf(certificate)
  return identity?.clusterId === clusterId ? identity.node : null
}

/** For `checkServerIdentity`: names in certificates are nodes, not hosts. */
export function expectNode(
  node: string,
  clusterId: string,
): (host: string, peer: { raw: Buffer }) => Error | undefined {
  return (host, { raw }) => {
    const found = nodeOf(new X509Certificate(raw), clusterId)
    return found === node
      ? undefined
      : new Error(`${host} is ${found ?? 'of another cluster'} and not ${node}`)
  }
}
