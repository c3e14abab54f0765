import { expect, test } from 'vitest'
import type { NodeDocument } from '../../../src/core/document.js'
import { exchange, newExchange, type Exchange, type News } from '../../../src/daemon/peers/exchange.js'
import {
  formatMessage,
  LONGEST_DOCUMENT_BYTES,
  parseMessage,
  type Message,
} from '../../../src/daemon/peers/wire.js'
import { Cluster } from '../../sim/cluster.js'
import { emptyDocument } from './documents.js'

const third = 'x'.repeat(LONGEST_DOCUMENT_BYTES / 3)

/** node1, to which node2 says what it is told to; the value is what node1 learns, and sends. */
function listener() {
  let state: Exchange = newExchange
  let nowMs = 0
  const documents: Record<string, NodeDocument> = {
    node1: emptyDocument('node1'),
    node2: emptyDocument('node2'),
  }
  const happen = (event: Parameters<typeof exchange>[1]) => {
    const turn = exchange(state, event, {
      self: 'node1',
      nodes: ['node1', 'node2'],
      documents: { ...documents },
      registers: {},
      pledge: () => ({ incarnation: 1, hasLease: true, clean: true, names: {} }),
      nowMs,
      intervalMs: 500,
    })
    state = turn.state
    for (const news of turn.news) if (news.kind === 'document') documents['node2'] = news.document
    const asks = turn.send.flatMap(({ message }) => (message.kind === 'want' ? message.node : []))
    return { asks, news: turn.news.filter(({ kind }) => kind === 'document' || kind === 'too long') }
  }
  happen({ kind: 'up', path: 'p', peer: 'node2' })
  const hear = (message: Message) => happen({ kind: 'message', path: 'p', peer: 'node2', message })
  /** A later agent's field, of which nothing is known here. */
  const patch = (fields: object, from: number) =>
    hear({ kind: 'patch', node: 'node2', incarnation: 1, from, to: from + 1, set: fields, instances: {} })
  const beat = (generation: number) =>
    hear({
      kind: 'beat',
      seq: generation,
      sentMs: 0,
      versions: { node2: { incarnation: 1, generation } },
      registers: '',
    })
  return { documents, hear, patch, beat, pass: (ms: number) => (nowMs += ms) }
}

const kinds = ({ news }: { readonly news: readonly News[] }): readonly string[] =>
  news.map(({ kind }) => kind)

test('a document that patches make too long is not taken, and not asked for again before a minute is over', () => {
  const { documents, patch, beat, pass } = listener()
  expect(kinds(patch({ later1: third }, 1))).toEqual(['document'])
  expect(kinds(patch({ later2: third }, 2))).toEqual(['document'])
  const refused = patch({ later3: third }, 3)
  const bytes = JSON.stringify({ ...documents['node2'], later3: third, generation: 4 }).length
  expect(bytes).toBeGreaterThan(LONGEST_DOCUMENT_BYTES)
  expect(refused.news).toEqual([{ kind: 'too long', peer: 'node2', author: 'node2', bytes }])
  expect(documents['node2']?.generation).toBe(3)
  for (let second = 0; second < 60; second += 1) {
    expect(beat(4).asks).toEqual([])
    pass(1000)
  }
  pass(2000)
  expect(beat(4).asks).toEqual(['node2'])
  expect(kinds(patch({ later3: 'short' }, 3))).toEqual(['document'])
})

test('a field that is said anew takes the place of what it was, however often', () => {
  const { patch } = listener()
  for (let n = 1; n < 8; n += 1) expect(kinds(patch({ later: `${n}${third}` }, n))).toEqual(['document'])
})

test('a document that is too long as it comes is not taken either; the longest there may be fits into a message', () => {
  const { hear } = listener()
  const document = (more: number): NodeDocument => {
    const bare = { ...emptyDocument('node2', 1, 2), later: '' }
    return {
      ...bare,
      later: 'x'.repeat(LONGEST_DOCUMENT_BYTES - JSON.stringify(bare).length + more),
    } as NodeDocument
  }
  expect(kinds(hear({ kind: 'document', document: document(1) }))).toEqual(['too long'])
  const longest: Message = { kind: 'document', document: document(0) }
  expect(parseMessage(formatMessage(longest)).ok).toBe(true)
  expect(kinds(hear(longest))).toEqual(['document'])
})

test('it is told in the log whose document it is, who sent it, and what follows; the node goes on being heard', () => {
  const nodes = ['node1', 'node2']
  const cluster = new Cluster({ nodes, services: [] })
  cluster.begin()
  cluster.clock.pass(2000)
  const { daemon } = cluster.machine('node1')
  const known = cluster.world('node1').documents['node2']
  if (daemon === null || known === undefined) throw new Error('node1 hears node2')
  const path = { id: 'node1>node2', peer: 'node2', address: 'node2' }
  const say = (from: number, set: object): void =>
    daemon.peering.onMessage(
      path,
      JSON.stringify({
        kind: 'patch',
        node: 'node2',
        incarnation: known.incarnation,
        from,
        to: from + 1,
        set,
        instances: {},
      }),
    )
  say(known.generation, { later1: third, later2: third })
  say(known.generation + 1, { later3: third })
  const told = cluster.log.filter(({ message }) => message.includes('is not taken'))
  expect(told.map(({ node, level, message }) => [node, level, message.replace(/\d{7}/g, 'N')])).toEqual([
    [
      'node1',
      'warn',
      'the document of node2 that node2 sent has N bytes and is not taken, N are the most: node2 gets no answer to its starts from here until it is shorter; see which version of the agent runs on node2',
    ],
  ])
  cluster.clock.pass(2000)
  expect(Object.keys(cluster.world('node1').links['node2']?.heardAtMs ?? {})).toHaveLength(1)
})
