import type { DocumentVersion, NodeDocument } from '../../core/document.js'
import type { RegisterEntry } from '../../core/register.js'
import type { Pledge } from '../../core/voting.js'
import type { Ack, Beat, Message } from './wire.js'

/** What this node has, at the moment of the event. */
export interface View {
  readonly self: string
  /** Who has a part in any rules in force: members, and nodes that were taken out and are still waited for. Others' documents are neither taken nor passed on. */
  readonly nodes: readonly string[]
  readonly documents: Readonly<Record<string, NodeDocument>>
  readonly registers: Readonly<Record<string, RegisterEntry>>
  /** What goes with a beat; asked when one goes. */
  readonly pledge: () => Omit<Pledge, 'seq'>
  readonly nowMs: number
  /** Of the beats; what was sent and has not come within two of them is taken for lost. */
  readonly intervalMs: number
}

export interface Turn {
  readonly state: Exchange
  readonly send: readonly Outgoing[]
  readonly news: readonly News[]
}

export interface Outgoing {
  readonly path: string
  readonly peer: string
  readonly message: Message
}

/** What this node learnt. Documents and registers are newer than the view's. */
export type News =
  | { readonly kind: 'beat'; readonly peer: string; readonly path: string; readonly beat: Beat }
  /** `latencyMs`: from the beat to its answer. */
  | {
      readonly kind: 'ack'
      readonly peer: string
      readonly path: string
      readonly ack: Ack
      readonly latencyMs: number
    }
  /** Said once after the first path to the peer came up, and once after each silence. */
  | { readonly kind: 'in step'; readonly peer: string }
  | { readonly kind: 'document'; readonly document: NodeDocument }
  /** A document that is not taken. */
  | { readonly kind: 'too long'; readonly peer: string; readonly author: string; readonly bytes: number }
  | { readonly kind: 'registers'; readonly entries: readonly RegisterEntry[] }

export interface Exchange {
  /** Of the last beat. */
  readonly seq: number
  /** Intervals since the start. */
  readonly round: number
  /** Peers with at least one path up. */
  readonly peers: Readonly<Record<string, Peer>>
  /** As of the last turn, and since when they are in this version. */
  readonly documents: View['documents']
  readonly documentsSinceMs: Readonly<Record<string, number>>
  /** At most so long, by author; where it is not known, it is measured before the next patch. */
  readonly documentBytes: Readonly<Record<string, number>>
  readonly registers: View['registers']
  readonly registersSinceMs: number
  readonly registersHash: string
}

export interface Peer {
  /** When something last arrived, by path. */
  readonly heardMs: Readonly<Record<string, number>>
  /** Where everything but beats goes. */
  readonly path: string
  /** What the peer has by its own word; null before its first beat. */
  readonly has: Readonly<Record<string, DocumentVersion>> | null
  /** The last document sent on `path`, by author. */
  readonly sent: Readonly<Record<string, NodeDocument>>
  /** When a document was last asked for. */
  readonly wantedMs: Readonly<Record<string, number>>
  readonly digestMs: number
  /** It has had the same registers once since it was last silent. */
  readonly inStep: boolean
}

/** One turn in the making. */
export interface Work {
  readonly view: View
  readonly before: Exchange
  readonly peers: Record<string, Peer>
  seq: number
  round: number
  readonly send: Outgoing[]
  readonly news: News[]
  readonly documentBytes: Record<string, number>
}

/** What has not come after this time was lost. */
export const lostAfterMs = (view: View): number => 2 * view.intervalMs

/** Asks for a whole document, and not again before the answer can be there. */
export function want(work: Work, name: string, author: string): void {
  const asked = work.peers[name]?.wantedMs[author]
  if (asked !== undefined && work.view.nowMs - asked < lostAfterMs(work.view)) return
  update(work, name, (peer) => ({ wantedMs: { ...peer.wantedMs, [author]: work.view.nowMs } }))
  tell(work, name, { kind: 'want', node: author })
}

/** Sends on the path that the peer is heard on. */
export function tell(work: Work, name: string, message: Message): void {
  const peer = work.peers[name]
  if (peer !== undefined) work.send.push({ path: peer.path, peer: name, message })
}

/** Changes what is known of a peer, where it is one. */
export function update(work: Work, name: string, change: (peer: Peer) => Partial<Peer>): void {
  const peer = work.peers[name]
  if (peer !== undefined) work.peers[name] = { ...peer, ...change(peer) }
}
