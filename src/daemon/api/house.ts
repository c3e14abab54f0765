import type { Result } from '../../core/result.js'
import type { ClusterRoom } from '../cluster-room.js'
import type { EnrolAnswer, EnrolRequest } from './schema.js'

/** The daemon as the API sees it: in a cluster or not yet, and how to change that. */
export interface House {
  readonly self: string
  readonly version: string
  /** Null while this node belongs to no cluster. */
  readonly room: ClusterRoom | null
  init(name: string, addresses: readonly string[]): Promise<Result<string>>
  token(): Promise<Result<string>>
  join(token: string, addresses: readonly string[]): Promise<Result<string>>
  /** Another node asks to become a member; `address` is where it called from. */
  enrol(request: EnrolRequest, address: string | null): Promise<Result<EnrolAnswer>>
  leave(): Promise<Result<string>>
  /** Ends the daemon after the answer went out; `shutdown` moves services away first. */
  stop(how: 'stop' | 'shutdown'): Promise<Result<string>>
  /** Asks another member's API, as this node. */
  ask<T>(node: string, path: string): Promise<Result<T>>
  /** Follows another member's event stream. The callback gets each `data:` line; the value ends it. */
  followPeer(node: string, path: string, onLine: (line: string) => void): () => void
}

/** Who calls: an operator through the Unix socket, a member with its certificate, or somebody unknown over TLS. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'member'; readonly node: string }
  | { readonly kind: 'stranger'; readonly address: string | null }
