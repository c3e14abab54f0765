import { must } from '../core/invariant.js'
import type { RegisterWrite } from '../core/register.js'
import { fail, ok, type Result } from '../core/result.js'
import { mayJoin } from '../core/rules-change.js'
import type { World } from '../core/world.js'
import { withNode, type Role } from '../spec/cluster.js'
import { remembered } from './agent/remembered.js'
import { enrolAnswer, type EnrolAnswer, type EnrolRequest } from './api/schema.js'
import { createAuthority, issueCertificate, requestCertificate } from './certificates/authority.js'
import type { IssuePorts } from './certificates/openssl.js'
import type { Certificates } from './certificates/stored.js'
import { judgeToken, parseToken, redeem } from './certificates/token.js'
import type { ClusterRoom } from './cluster-room.js'
import { askPeer } from './peer-api.js'
import { parseAddress } from './peers/address.js'
import type { Store } from './ports.js'

/** Where an address names no port. */
export const usualPort = 1215

/** What joining gives: a certificate, and the cluster's configuration to begin with. */
export interface Membership {
  readonly certificates: Certificates
  readonly cluster: EnrolAnswer['cluster']
}

/** A new cluster's authority, and the certificate of its first node. */
export async function foundCluster(
  ports: IssuePorts,
  identity: { readonly node: string; readonly clusterId: string },
  wallMs: number,
): Promise<Result<Certificates>> {
  const authority = await createAuthority(ports, identity.clusterId, wallMs)
  if (!authority.ok) return authority
  const asked = await requestCertificate(ports, identity.node)
  if (!asked.ok) return asked
  const { requestPem, keyPem } = asked.value
  const signed = await issueCertificate(ports, authority.value, { requestPem, identity, wallMs })
  if (!signed.ok) return signed
  return ok({ authority: authority.value, node: { certificatePem: signed.value, keyPem } })
}

/**
 * What would keep this node from being a member is found before the cluster is told of it. `own`: the address of a witness, which may name
 * a port; null for a node.
 */
export async function fitToJoin(
  ports: {
    readonly store: Store
    readonly varDir: string
    readonly portFree: (port: number) => Promise<Result<void>>
  },
  text: string,
  node: string,
  own: string | null,
): Promise<Result<void>> {
  const token = parseToken(text)
  if (!token.ok) return token
  const left = remembered(ports)
  if (!left.ok) return left
  const [address] = token.value.addresses
  // Throws where the store cannot be written.
  ports.store.put('joining', node)
  const port = address === undefined ? usualPort : parseAddress(address, usualPort).port
  return ports.portFree(own === null ? port : parseAddress(own, port).port)
}

/** The joining node's side: proves that it has the token, gets a certificate. Tries each address of the token. */
export async function askToJoin(
  ports: IssuePorts,
  o: {
    readonly token: string
    readonly node: string
    readonly machineId: string
    readonly addresses: readonly string[]
    readonly role: Role
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
    // Members of an older version know of nodes alone.
    ...(o.role === 'node' ? {} : { role: o.role }),
  }
  let last: Result<never> = fail(
    'INVALID',
    'the join token carries no address: make a new one with om cluster token',
  )
  for (const address of addresses) {
    const trust = { kind: 'authority', fingerprint } as const
    const answer = await askPeer<unknown>({
      address,
      port: o.port,
      path: '/api/cluster/enrol',
      trust,
      body,
    })
    if (answer.ok) return membershipIn(answer.value, address, asked.value.keyPem)
    // A refusal is an answer: another address would give the same.
    if (answer.error.code !== 'UNAVAILABLE') return answer
    last = answer
  }
  return last
}

/** What a member answered, as this version understands it. The token is used up by then: after a mistake in it, another one is needed. */
function membershipIn(answer: unknown, address: string, keyPem: string): Result<Membership> {
  const read = enrolAnswer.safeParse(answer)
  if (!read.success) {
    const next = 'install the same version on all nodes, then make a new token with om cluster token'
    return fail(
      'INVALID',
      `the member at ${address} let this node in with an answer that cannot be read: ${next}`,
    )
  }
  const { certificate, authority, authorityKey, cluster } = read.data
  const certificates = {
    authority: { certificatePem: authority, keyPem: authorityKey },
    node: { certificatePem: certificate, keyPem },
  }
  return ok({ certificates, cluster })
}

/** A member's side: takes the token, signs, and adds the node to the cluster's configuration. */
export async function admit(
  ports: IssuePorts,
  room: ClusterRoom,
  certificates: Certificates,
  request: EnrolRequest,
  callerAddress: string | null,
): Promise<Result<EnrolAnswer>> {
  const { store } = room.ports
  const wallMs = room.ports.clock.wallMs()
  const redemption = { id: request.id, secret: request.secret, node: request.node, wallMs }
  const judged = judgeToken(store, redemption)
  if (!judged.ok) return judged
  const possible = configurationWith(room.agent.world, request, callerAddress)
  if (!possible.ok) return possible
  const identity = { node: request.node, clusterId: room.agent.world.cluster.id }
  const signed = await issueCertificate(ports, certificates.authority, {
    requestPem: request.request,
    identity,
    wallMs,
  })
  if (!signed.ok) return signed
  // Another node may have joined meanwhile.
  const text = configurationWith(room.agent.world, request, callerAddress)
  if (!text.ok) return text
  // Used up only now, so that a failure before costs no token; two that came with one token meet here.
  const redeemed = redeem(store, redemption)
  if (!redeemed.ok) return redeemed
  const value = { text: text.value, author: `join of ${request.node}` }
  const written = room.agent.write([
    { kind: 'cluster', name: 'cluster', value },
    ...welcomed(room.agent.world, request.node),
  ])
  if (!written.ok) return written
  const { authority } = certificates
  return ok({
    certificate: signed.value,
    authority: authority.certificatePem,
    authorityKey: authority.keyPem,
    cluster: beginningFor(room.agent.world),
  })
}

/** What a node begins with that has just been let in: the configuration that names it, and the rules that hold beside that. */
export function beginningFor(world: World): EnrolAnswer['cluster'] {
  const entry = world.registers['cluster/cluster']
  const text = entry?.kind === 'cluster' ? entry.value.text : null
  must(entry !== undefined && text !== null, 'a register that was written is there')
  const { earlier } = world.rules
  return { stamp: entry.stamp, text, ...(earlier.length > 0 && { rules: earlier }) }
}

/** It was drained to leave, and said that it is gone: that is no concern of the node that comes, which may be another machine. */
export function welcomed(world: World, node: string): readonly RegisterWrite[] {
  const off = world.registers[`off/${node}`]
  const freeze = world.registers[`freeze/@${node}`]
  return [
    ...(off?.kind === 'off' && off.value.off
      ? [{ kind: 'off', name: node, value: { ...off.value, off: false } } as const]
      : []),
    ...(freeze?.value === true ? [{ kind: 'freeze', name: `@${node}`, value: false } as const] : []),
  ]
}

/** The cluster's configuration with one more node, or why it cannot be one. */
function configurationWith(
  world: World,
  request: EnrolRequest,
  callerAddress: string | null,
): Result<string> {
  const { node, machineId } = request
  const possible = mayJoin(world, node, machineId)
  if (!possible.ok) return possible
  const entry = world.registers['cluster/cluster']
  if (entry === undefined || entry.kind !== 'cluster' || entry.value.text === null) {
    return fail('INTERNAL', 'this member has no cluster configuration')
  }
  const role = request.role ?? 'node'
  const own = request.addresses
  const addresses = own.length > 0 ? own : callerAddress === null ? [] : [callerAddress]
  return withNode({ text: entry.value.text, source: 'cluster.yaml', node, addresses, role })
}
