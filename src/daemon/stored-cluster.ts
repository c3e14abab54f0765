import { X509Certificate } from 'node:crypto'
import type { ClusterConfig } from '../core/cluster.js'
import { fail, ok, type Result } from '../core/result.js'
import { parseCluster } from '../spec/cluster.js'
import { forgetCluster, leftKey, letInKey, rulesKey, type KeptRules } from './agent/durable.js'
import { clusterTextIn } from './agent/remembered.js'
import type { EnrolAnswer } from './api/schema.js'
import { identityOf } from './certificates/identity.js'
import {
  certificatesDirectory,
  loadCertificates,
  removeCertificates,
  type Certificates,
} from './certificates/stored.js'
import type { Clock, Files, Log, Store } from './ports.js'

export interface StoredCluster {
  readonly cluster: ClusterConfig
  readonly certificates: Certificates
}

export interface MembershipPorts {
  readonly files: Files
  readonly varDir: string
  readonly store: Store
}

/** The cluster that this node belonged to when its daemon ended; null where it belonged to none. */
export async function storedCluster(
  { files, varDir, store }: MembershipPorts,
  self: string,
): Promise<Result<StoredCluster | null>> {
  const certificates = await loadCertificates(files, varDir)
  if (!certificates.ok) return certificates
  if (certificates.value === null) return ok(null)
  const named = identityOf(new X509Certificate(certificates.value.node.certificatePem))?.node
  // Under another name it would be another member, that hears nobody and takes everything over.
  if (named !== undefined && named !== self)
    return fail(
      'CONFLICT',
      `this machine is a member of its cluster by the name ${named} and is called ${self} now: call it ${named} again, with hostnamectl hostname ${named}`,
    )
  const known = clusterTextIn({ store, varDir })
  if (!known.ok) return known
  const text = known.value
  if (text === null)
    return fail(
      'INTERNAL',
      `this node has certificates of a cluster and no configuration of it: move ${certificatesDirectory(varDir)} away, and let it join its cluster again`,
    )
  const cluster = parseCluster({ text, source: 'the stored cluster configuration' })
  return cluster.ok ? ok({ cluster: cluster.value, certificates: certificates.value }) : cluster
}

/** What a member gave to one that joins: the configuration, and the rules that hold beside it. */
export function storeCluster(store: Store, { stamp, text, rules = [] }: EnrolAnswer['cluster']): void {
  const entry = { kind: 'cluster', name: 'cluster', stamp, value: { text, author: 'user' } }
  const kept: KeptRules = { changed: null, all: rules, said: false }
  store.putAll([
    { key: 'register/cluster/cluster', value: JSON.stringify(entry) },
    { key: rulesKey, value: JSON.stringify(kept) },
    { key: letInKey, value: 'true' },
    { key: leftKey, value: null },
  ])
}

/** This node belongs to no cluster any more: neither its store nor its certificates say so. */
export function endMembership(ports: MembershipPorts): Promise<Result<void>> {
  forgetCluster(ports.store)
  return withoutCertificates(ports)
}

/** Removes what a daemon that was killed in the midst of that has left of it, and says so. */
export async function finishLeaving(
  ports: MembershipPorts & { readonly log: Log; readonly clock: Clock },
  self: string,
): Promise<Result<void>> {
  const { store, varDir, log, clock } = ports
  if (store.get(leftKey) === null) return ok(undefined)
  if (store.get('register/cluster/cluster') !== null) {
    // It has joined since, by a version that does not know of the mark.
    store.putAll([{ key: leftKey, value: null }])
    return ok(undefined)
  }
  const removed = await withoutCertificates(ports)
  if (!removed.ok) {
    const { code, message } = removed.error
    const directory = certificatesDirectory(varDir)
    return fail(code, `the leave of the cluster cannot be ended: ${message}: remove ${directory} by hand`)
  }
  const message = 'the leave of the cluster was cut short: its certificates are removed now'
  const about = { node: self, service: null, rid: null, action: null }
  log.write({ ...about, wallMs: clock.wallMs(), level: 'info', message })
  return ok(undefined)
}

async function withoutCertificates({ files, varDir, store }: MembershipPorts): Promise<Result<void>> {
  const removed = await removeCertificates(files, varDir)
  if (removed.ok) store.putAll([{ key: leftKey, value: null }])
  return removed
}
