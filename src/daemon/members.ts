import type { Result } from '../core/result.js'
import { fail, ok } from '../core/result.js'
import { parseCluster, withNode } from '../spec/cluster.js'
import type { EnrolAnswer, EnrolRequest } from './api/schema.js'
import { issueCertificate, requestCertificate } from './certificates/authority.js'
import type { IssuePorts } from './certificates/openssl.js'
import type { Certificates } from './certificates/stored.js'
import { parseToken, redeem } from './certificates/token.js'
import type { ClusterRoom } from './cluster-room.js'
import { askPeer } from './peer-api.js'

/** What joining gives: a certificate, and the cluster's configuration to begin with. */
export interface Membership {
  readonly certificates: Certificates
  readonly cluster: EnrolAnswer['cluster']
}

/** The joining node's side: proves that it has the token, gets a certificate. Tries each address of the token. */
export async function askToJoin(
  ports: IssuePorts,
  o: {
    readonly token: string
    readonly node: string
    readonly machineId: string
    readonly addresses: readonly string[]
    readonly port: number
  },
): Promise<Result<Membership>> {
  const token = parseToken(o.token)
  if (!token.ok) return token
  const asked = await requestCertificate(ports, o.node)
  if (!asked.ok) return asked
  const { id, secret, fingerprint, addresses } = token.value
  const body: EnrolRequest = {
    id,
    secret,
    node: o.node,
    machineId: o.machineId,
    request: asked.value.requestPem,
    addresses: [...o.addresses],
  }
  let last: Result<never> = fail(
    'INVALID',
    'the join token carries no address: make a new one with om cluster token',
  )
  for (const address of addresses) {
    const trust = { kind: 'authority', fingerprint } as const
    const answer = await askPeer<EnrolAnswer>({
      address,
      port: o.port,
      path: '/api/cluster/enrol',
      trust,
      body,
    })
    if (answer.ok) {
      const { certificate, authority, authorityKey, cluster } = answer.value
      const certificates = {
        authority: { certificatePem: authority, keyPem: authorityKey },
        node: { certificatePem: certificate, keyPem: asked.value.keyPem },
      }
      return ok({ certificates, cluster })
    }
    // A refusal is an answer: another address would give the same.
    if (answer.error.code !== 'UNAVAILABLE') return answer
    last = answer
  }
  return last
}

/** A member's side: takes the token, signs, and adds the node to the cluster's configuration. */
export async function admit(
  ports: IssuePorts,
  room: ClusterRoom,
  certificates: Certificates,
  request: EnrolRequest,
  callerAddress: string | null,
): Promise<Result<EnrolAnswer>> {
  const { world } = room.agent
  const known = world.documents[request.node]
  if (known !== undefined && known.machineId !== request.machineId) {
    return fail(
      'CONFLICT',
      `the cluster has a node ${request.node} already, on another machine: give this one another name, or let the old one leave first`,
    )
  }
  const entry = world.registers['cluster/cluster']
  if (entry === undefined || entry.kind !== 'cluster' || entry.value.text === null) {
    return fail('INTERNAL', 'this member has no cluster configuration')
  }
  const wallMs = room.ports.clock.wallMs()
  const addresses =
    request.addresses.length > 0 ? request.addresses : callerAddress === null ? [] : [callerAddress]
  const text = withNode({ text: entry.value.text, source: 'cluster.yaml', node: request.node, addresses })
  if (!text.ok) return text
  const checked = parseCluster({ text: text.value, source: 'cluster.yaml' })
  if (!checked.ok) return checked
  const redeemed = redeem(room.ports.store, {
    id: request.id,
    secret: request.secret,
    node: request.node,
    wallMs,
  })
  if (!redeemed.ok) return redeemed
  const identity = { node: request.node, clusterId: world.cluster.id }
  const signed = await issueCertificate(ports, certificates.authority, {
    requestPem: request.request,
    identity,
    wallMs,
  })
  if (!signed.ok) return signed
  room.agent.write([
    { kind: 'cluster', name: 'cluster', value: { text: text.value, author: `join of ${request.node}` } },
  ])
  room.logbook.write({ message: `node ${request.node} joins the cluster` })
  const now = room.agent.world.registers['cluster/cluster']
  const { authority } = certificates
  return ok({
    certificate: signed.value,
    authority: authority.certificatePem,
    authorityKey: authority.keyPem,
    cluster: { stamp: now?.stamp ?? entry.stamp, text: text.value },
  })
}
