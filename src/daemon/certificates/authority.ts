import { generateKeyPairSync } from 'node:crypto'
import { fail, ok, type Result } from '../../core/result.js'
import { CLUSTER_ID, clusterUri, NODE_NAME, type Identity } from './identity.js'
import { makeRequest, sign, type IssuePorts } from './openssl.js'

/** A certificate and the key that belongs to it, as PEM. */
export interface KeyPair {
  readonly certificatePem: string
  readonly keyPem: string
}

const DAY_MS = 24 * 3600 * 1000

/** Clocks of nodes differ: everything is valid from a day before its issue. */
const EARLIER_MS = DAY_MS
const AUTHORITY_LIFE_MS = 20 * 365 * DAY_MS
const NODE_LIFE_MS = 365 * DAY_MS

/** A certificate request longer than this is none of ours. */
const LONGEST_REQUEST = 8192

/** The authority of a new cluster: an EC P-256 key and a certificate signed with it. */
export async function createAuthority(
  ports: IssuePorts,
  clusterId: string,
  wallMs: number,
): Promise<Result<KeyPair>> {
  if (!CLUSTER_ID.test(clusterId)) return fail('INVALID', `${clusterId} cannot be a cluster's id`)
  const keyPem = newKey()
  const subject = `/CN=longshore cluster ${clusterId}`
  const requestPem = await makeRequest(ports, keyPem, subject)
  if (!requestPem.ok) return requestPem
  const certificatePem = await sign(ports, {
    requestPem: requestPem.value,
    subject,
    keyPem,
    authorityPem: null,
    extensions: AUTHORITY_EXTENSIONS,
    fromWallMs: wallMs - EARLIER_MS,
    toWallMs: wallMs + AUTHORITY_LIFE_MS,
  })
  return certificatePem.ok ? ok({ certificatePem: certificatePem.value, keyPem }) : certificatePem
}

/** A new key for a node, and the request that a member turns into a certificate. The key never leaves its node. */
export async function requestCertificate(
  ports: IssuePorts,
  node: string,
): Promise<Result<{ readonly keyPem: string; readonly requestPem: string }>> {
  if (!NODE_NAME.test(node)) return fail('INVALID', `${node} cannot be a node's name`)
  const keyPem = newKey()
  const requestPem = await makeRequest(ports, keyPem, `/CN=${node}`)
  return requestPem.ok ? ok({ keyPem, requestPem: requestPem.value }) : requestPem
}

/** Signs a request. Names and extensions are the authority's own; of the request only the key is taken. */
export async function issueCertificate(
  ports: IssuePorts,
  authority: KeyPair,
  o: { readonly requestPem: string; readonly identity: Identity; readonly wallMs: number },
): Promise<Result<string>> {
  const { node, clusterId } = o.identity
  if (!NODE_NAME.test(node) || !CLUSTER_ID.test(clusterId))
    return fail('INVALID', `${node} cannot be a node's name`)
  if (o.requestPem.length > LONGEST_REQUEST) return fail('INVALID', 'the certificate request is too long')
  return sign(ports, {
    requestPem: o.requestPem,
    subject: `/CN=${node}`,
    keyPem: authority.keyPem,
    authorityPem: authority.certificatePem,
    extensions: [...NODE_EXTENSIONS, `subjectAltName = DNS:${node}, URI:${clusterUri(clusterId)}`],
    fromWallMs: o.wallMs - EARLIER_MS,
    toWallMs: o.wallMs + NODE_LIFE_MS,
  })
}

/** A new certificate for the key that the node has: only one file changes, so a crash leaves either the old or the new pair. */
export async function renewCertificate(
  ports: IssuePorts,
  authority: KeyPair,
  o: { readonly keyPem: string; readonly identity: Identity; readonly wallMs: number },
): Promise<Result<string>> {
  const requestPem = await makeRequest(ports, o.keyPem, `/CN=${o.identity.node}`)
  if (!requestPem.ok) return requestPem
  return issueCertificate(ports, authority, {
    requestPem: requestPem.value,
    identity: o.identity,
    wallMs: o.wallMs,
  })
}

const AUTHORITY_EXTENSIONS = [
  'basicConstraints = critical, CA:true, pathlen:0',
  'keyUsage = critical, keyCertSign, cRLSign',
  'subjectKeyIdentifier = hash',
]

const NODE_EXTENSIONS = [
  'basicConstraints = critical, CA:false',
  'keyUsage = critical, digitalSignature',
  'extendedKeyUsage = serverAuth, clientAuth',
  'subjectKeyIdentifier = hash',
  'authorityKeyIdentifier = keyid',
]

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
