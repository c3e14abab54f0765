import type { Result } from '../core/result.js'
import type { ClusterConfig, ClusterNode } from '../core/cluster.js'
import type { Caller } from './api/house.js'
import type { TlsMaterial } from './adapters/tls.js'
import type { Certificates } from './certificates/stored.js'
import type { PeerLinkEvents, PeerLinks } from './ports.js'

/** Answers one request of the API. */
export type Handle = (request: Request, caller: Caller) => Response | Promise<Response>

/** What this node shows and demands on its TLS port. */
export interface TlsOptions {
  readonly self: string
  readonly machineId: string
  readonly version: string
  readonly certificates: Certificates
  /** The newest cluster configuration: port, identity. */
  readonly cluster: () => ClusterConfig
  /** Who belongs to the cluster, this node included. */
  readonly members: () => readonly ClusterNode[]
  readonly incarnation: () => number
  /** By which a node of the same name on another machine is noticed; null where it was never heard. */
  readonly machineIdOf: (node: string) => string | null
  readonly handle: Handle
  /** Something operators should know: a refused peer, an unusable address. */
  readonly say: (message: string) => void
}

/** The TLS port, for peers and the API. */
export interface TlsDoor {
  /** Begins to dial and to accept peers. */
  links(events: PeerLinkEvents): PeerLinks
  /** Members or their addresses have changed. */
  peersChanged(): void
  replaceCertificates(certificates: Certificates): void
  close(): Promise<void>
}

/** Opens the port; a failure's sentence names it. */
export type OpenTls = (options: TlsOptions) => Promise<Result<TlsDoor>>

/** What the TLS layer takes of a node's certificates. */
export function materialOf({ authority, node }: Certificates, clusterId: string): TlsMaterial {
  return {
    clusterId,
    authorityPem: authority.certificatePem,
    certificatePem: node.certificatePem,
    keyPem: node.keyPem,
  }
}
