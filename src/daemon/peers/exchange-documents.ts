import { atLeast, type DocumentVersion, type NodeDocument } from '../../core/document.js'
import { remembersMore } from '../../core/promises.js'
import {
  lostAfterMs,
  tell,
  update,
  want,
  type Exchange,
  type Peer,
  type View,
  type Work,
} from './exchange-turn.js'
import { apply, diff } from './patch.js'
import { LONGEST_DOCUMENT_BYTES, type Message, type Patch } from './wire.js'

/** What this node has of each document. */
export function versionsOf(documents: View['documents']): Readonly<Record<string, DocumentVersion>> {
  const versions: Record<string, DocumentVersion> = {}
  // asked for each beat: no list is made
  for (const author in documents) {
    const document = documents[author]
    if (document === undefined) continue
    versions[document.node] = { incarnation: document.incarnation, generation: document.generation }
  }
  return versions
}

/** A whole document came; one that is not newer is only noted as the peer's. */
export function receiveDocument(work: Work, peer: string, document: NodeDocument): void {
  if (!work.view.nodes.includes(document.node)) return
  noteHas(work, peer, document.node, document)
  const known = work.view.documents[document.node]
  // Its author has begun with an older store than it had: it gets the last word of its former daemon before that one is forgotten here.
  if (known !== undefined && remembersMore(known, document))
    tell(work, document.node, { kind: 'document', document: known })
  if (!atLeast(known, document) || isReminder(work, document)) take(work, peer, document, bytesOf(document))
}

/** An earlier word of this node's own comes back from who finds that more was promised in it than its store has. */
function isReminder({ view }: Work, document: NodeDocument): boolean {
  const own = view.documents[view.self]
  return document.node === view.self && own !== undefined && remembersMore(document, own)
}

/** A change came; where it does not fit what is here, the whole document is asked for. */
export function receivePatch(work: Work, peer: string, patch: Patch): void {
  if (!work.view.nodes.includes(patch.node)) return
  const version = { incarnation: patch.incarnation, generation: patch.to }
  noteHas(work, peer, patch.node, version)
  const current = work.view.documents[patch.node]
  if (atLeast(current, version)) return
  const document = current === undefined ? null : apply(current, patch)
  if (document === null) want(work, peer, patch.node)
  else take(work, peer, document, (work.documentBytes[patch.node] ?? bytesOf(current)) + bytesOf(patch))
}

/** What is not taken is not asked for again before so much time is over. */
const tooLongMs = 60_000

/** `atMost`: its length, or more. Fields that are not known here count as well: they are passed on, and stored. */
function take(work: Work, peer: string, document: NodeDocument, atMost: number): void {
  const author = document.node
  const bytes = atMost > LONGEST_DOCUMENT_BYTES ? bytesOf(document) : atMost
  if (bytes <= LONGEST_DOCUMENT_BYTES) {
    work.documentBytes[author] = bytes
    work.news.push({ kind: 'document', document })
    return
  }
  work.news.push({ kind: 'too long', peer, author, bytes })
  const askedMs = work.view.nowMs + tooLongMs
  update(work, peer, ({ wantedMs }) => ({ wantedMs: { ...wantedMs, [author]: askedMs } }))
}

const bytesOf = (value: unknown): number => JSON.stringify(value).length

/** Who sends a document has it. */
function noteHas(work: Work, name: string, author: string, version: DocumentVersion): void {
  update(work, name, ({ has }) => {
    if (has === null || atLeast(has[author], version)) return {}
    const { incarnation, generation } = version
    return { has: { ...has, [author]: { incarnation, generation } } }
  })
}

/** The peer asked for a whole document. */
export function sendWanted(work: Work, peer: string, author: string): void {
  const document = work.view.documents[author]
  if (document !== undefined) sendDocument(work, peer, document, { kind: 'document', document })
}

/** Sends every peer what it lacks. `only`: a peer that alone may have come to lack something, unless the documents have changed. */
export function keepDocuments(
  work: Work,
  only: string | null,
): Pick<Exchange, 'documents' | 'documentsSinceMs'> {
  const { documents, nodes } = work.view
  const documentsSinceMs = sinceMs(work)
  const all = only === null || documents !== work.before.documents
  for (const name of all ? nodes : nodes.filter((node) => node === only)) {
    for (const document of Object.values(documents)) {
      const peer = work.peers[name]
      if (peer === undefined) break
      if (lacks(work, name, peer, document, documentsSinceMs[document.node] ?? 0)) {
        sendDocument(work, name, document, shortest(work, peer, document))
      }
    }
  }
  return { documents, documentsSinceMs }
}

function sinceMs({ view, before }: Work): Exchange['documentsSinceMs'] {
  if (view.documents === before.documents) return before.documentsSinceMs
  const since = Object.keys(view.documents).map((node) => {
    const same = view.documents[node] === before.documents[node]
    return [node, same ? (before.documentsSinceMs[node] ?? view.nowMs) : view.nowMs]
  })
  return Object.fromEntries(since) as Record<string, number>
}

function lacks(
  work: Work,
  name: string,
  peer: Peer,
  document: NodeDocument,
  documentSinceMs: number,
): boolean {
  const { self, nodes } = work.view
  const author = document.node
  // Mostly it has all there is.
  if (atLeast(peer.has?.[author], document) || atLeast(peer.sent[author], document)) return false
  if (!nodes.includes(author)) return false
  if (author === self) return true
  return peer.has !== null && needsPassingOn(work.view, name, peer.has, document, documentSinceMs)
}

/**
 * A third node's document goes to a peer that does not hear its author. One that does gets it only where it has lagged behind for some
 * time, and one's own only where it has forgotten it (an older incarnation: its store was lost).
 */
function needsPassingOn(
  view: View,
  name: string,
  has: NonNullable<Peer['has']>,
  document: NodeDocument,
  documentSinceMs: number,
): boolean {
  const author = document.node
  if (author === name) return (has[name]?.incarnation ?? document.incarnation) < document.incarnation
  const hears = view.documents[name]?.hears.includes(author) ?? false
  return !hears || view.nowMs - documentSinceMs >= lostAfterMs(view)
}

/** A patch where it is known what the peer has, else the whole document. */
function shortest(work: Work, peer: Peer, document: NodeDocument): Message {
  const base = peer.sent[document.node] ?? work.before.documents[document.node]
  const has = peer.has?.[document.node]
  const whole: Message = { kind: 'document', document }
  if (base === undefined) return whole
  const sent = peer.sent[document.node] !== undefined
  // What was sent arrives in order; what was not sent must be what the peer says that it has.
  const fits = sent ? has === undefined || atLeast(base, has) : has !== undefined && sameVersion(has, base)
  return fits ? (diff(base, document) ?? whole) : whole
}

function sendDocument(work: Work, name: string, document: NodeDocument, message: Message): void {
  update(work, name, (peer) => ({
    sent: { ...peer.sent, [document.node]: document },
  }))
  tell(work, name, message)
}

const sameVersion = (a: DocumentVersion, b: DocumentVersion): boolean =>
  a.incarnation === b.incarnation && a.generation === b.generation
