import { atLeast } from '../../core/document.js'
import type { RegisterEntry } from '../../core/register.js'
import { keepDocuments, receiveDocument, receivePatch, sendWanted, versionsOf } from './exchange-documents.js'
import {
  answerDigest,
  compareHash,
  hashOf,
  registersHash,
  keepRegisters,
  sendDigest,
  sendRegisters,
  newer,
} from './exchange-registers.js'
import {
  lostAfterMs,
  update,
  want,
  type Exchange,
  type Peer,
  type Turn,
  type View,
  type Work,
} from './exchange-turn.js'
import type { Beat, Message } from './wire.js'

/**
 * Who gets what: a pure function of what happened and of what this node has. It brings every peer to the newest documents and registers by
 * the fewest messages, and repeats what was lost; in a settled cluster only beats go.
 */
export function exchange(state: Exchange, event: ExchangeEvent, view: View): Turn {
  const work: Work = {
    view,
    before: state,
    peers: { ...state.peers },
    seq: state.seq,
    round: state.round,
    send: [],
    news: [],
    documentBytes: { ...state.documentBytes },
  }
  happen(work, event)
  const registers = keepRegisters(work)
  // A message changes what is known of its sender; the rest is looked at with each beat of one's own.
  const documents = keepDocuments(work, event.kind === 'message' ? event.peer : null)
  return {
    state: {
      seq: work.seq,
      round: work.round,
      peers: work.peers,
      documentBytes: work.documentBytes,
      ...registers,
      ...documents,
    },
    send: work.send,
    news: work.news,
  }
}

export type { Exchange, News, Outgoing, Turn, View } from './exchange-turn.js'

export const newExchange: Exchange = {
  seq: 0,
  round: 0,
  peers: {},
  documents: {},
  documentsSinceMs: {},
  documentBytes: {},
  registers: {},
  registersSinceMs: 0,
  registersHash: hashOf({}),
}

export type ExchangeEvent =
  /** It is time to beat. */
  | { readonly kind: 'tick' }
  /** What this node has has changed: something of its own, or news of an earlier turn. */
  | { readonly kind: 'changed' }
  | { readonly kind: 'up' | 'down'; readonly path: string; readonly peer: string }
  /** A message could not be sent on the path. */
  | { readonly kind: 'lost'; readonly path: string; readonly peer: string }
  | { readonly kind: 'message'; readonly path: string; readonly peer: string; readonly message: Message }

/** A path that was silent for longer is left for another one. */
const silentAfterMs = (view: View): number => 3 * view.intervalMs

function happen(work: Work, event: ExchangeEvent): void {
  switch (event.kind) {
    case 'tick':
      return beat(work)
    case 'changed':
      return
    case 'up':
      return pathUp(work, event)
    case 'down':
      return pathDown(work, event)
    case 'lost':
      return update(work, event.peer, (peer) => (peer.path === event.path ? { sent: {} } : {}))
    case 'message':
      noteHeard(work, event)
      return receive(work, event.path, event.peer, event.message)
  }
}

function noteHeard(
  { view, peers }: Work,
  { path, peer: name }: { readonly path: string; readonly peer: string },
): void {
  const peer = peers[name]
  if (peer === undefined) return
  const heardMs = { ...peer.heardMs, [path]: view.nowMs }
  peers[name] = { ...peer, inStep: peer.inStep && !wasSilent(view, peer), heardMs }
}

const wasSilent = (view: View, { heardMs }: Peer): boolean =>
  Object.values(heardMs).every((atMs) => view.nowMs - atMs > silentAfterMs(view))

/** The same beat on every path to everybody. */
function beat(work: Work): void {
  work.seq++
  work.round++
  const message = beatOf(work)
  for (const [name, peer] of Object.entries(work.peers)) {
    work.peers[name] = withLivePath(work.view, peer)
    for (const path of Object.keys(peer.heardMs)) work.send.push({ path, peer: name, message })
  }
}

function beatOf(work: Work): Beat {
  const { view, seq, round } = work
  const versions = versionsOf(view.documents)
  const { nowMs: sentMs, pledge } = view
  return { kind: 'beat', seq, round, sentMs, versions, registers: registersHash(work), pledge: pledge() }
}

function pathUp(work: Work, { path, peer }: { readonly path: string; readonly peer: string }): void {
  const { nowMs, self } = work.view
  const known = work.peers[peer]
  work.seq++
  work.send.push({ path, peer, message: beatOf(work) })
  if (known !== undefined) return update(work, peer, () => ({ heardMs: { ...known.heardMs, [path]: nowMs } }))
  const heardMs = { [path]: nowMs }
  work.peers[peer] = { heardMs, path, has: null, sent: {}, wantedMs: {}, digestMs: nowMs, inStep: false }
  // The answer to a digest serves both sides, so that one is enough.
  if (self < peer) sendDigest(work, peer)
}

function pathDown(work: Work, { path, peer }: { readonly path: string; readonly peer: string }): void {
  const known = work.peers[peer]
  if (known === undefined) return
  const { [path]: gone, ...heardMs } = known.heardMs
  const [other] = Object.entries(heardMs).sort(([, a], [, b]) => b - a)
  if (gone === undefined) return
  if (other === undefined) delete work.peers[peer]
  else
    work.peers[peer] =
      known.path === path ? { ...known, heardMs, path: other[0], sent: {} } : { ...known, heardMs }
}

/** A cut path stays connected for a while: as soon as another one is heard and this one is not, the other one is used. */
function withLivePath(view: View, peer: Peer): Peer {
  if (view.nowMs - (peer.heardMs[peer.path] ?? 0) <= silentAfterMs(view)) return peer
  const [best] = Object.entries(peer.heardMs).sort(([, a], [, b]) => b - a)
  return best === undefined || best[0] === peer.path ? peer : { ...peer, path: best[0], sent: {} }
}

function receive(work: Work, path: string, peer: string, message: Message): void {
  switch (message.kind) {
    case 'beat':
      // Who counts beats answers it, too: the answer may be a vote.
      work.news.push({ kind: 'beat', peer, path, beat: message })
      return receiveBeat(work, peer, message)
    case 'ack':
      work.news.push({
        kind: 'ack',
        peer,
        path,
        ack: message,
        latencyMs: Math.max(work.view.nowMs - message.sentMs, 0),
      })
      return
    case 'document':
      return receiveDocument(work, peer, message.document)
    case 'patch':
      return receivePatch(work, peer, message)
    case 'want':
      return sendWanted(work, peer, message.node)
    case 'registers':
      return receiveRegisters(work, message.entries)
    case 'digest':
      return answerDigest(work, peer, message.registers)
    case 'wantRegisters':
      return sendRegisters(work, peer, message.keys)
    case 'hello':
    case 'refuse':
      return // The connection's own business.
  }
}

function receiveBeat(work: Work, name: string, beat: Beat): void {
  const peer = work.peers[name]
  if (peer === undefined) return
  const { nowMs, documents, nodes } = work.view
  const same = beat.registers === registersHash(work)
  if (same && !peer.inStep) work.news.push({ kind: 'in step', peer: name })
  work.peers[name] = { ...peer, has: beat.versions, inStep: peer.inStep || same }
  for (const [author, version] of Object.entries(beat.versions)) {
    const before = peer.has?.[author]
    // Twice in a row newer than here: what the peer sent on its own has not come.
    const missed = before !== undefined && !atLeast(documents[author], before)
    if (missed && nodes.includes(author) && !atLeast(documents[author], version)) want(work, name, author)
  }
  if (compareHash(work, beat.registers) && nowMs - peer.digestMs >= lostAfterMs(work.view))
    sendDigest(work, name)
}

function receiveRegisters(work: Work, entries: readonly RegisterEntry[]): void {
  const news = entries.filter((entry) => newer(work.view.registers, entry))
  if (news.length > 0) work.news.push({ kind: 'registers', entries: news })
}
