import { describe, expect, test } from 'vitest'
import type { NodeDocument } from '../../../src/core/document.js'
import { promisesKept } from '../../../src/core/promises.js'
import { exchange, newExchange, type Turn, type View } from '../../../src/daemon/peers/exchange.js'
import { emptyDocument } from './documents.js'

const former = { ...emptyDocument('node1', 9, 30), promises: { made: 7, kept: 2 } }
const began = (kept: number): NodeDocument => ({
  ...emptyDocument('node1', 10),
  startedAtWallMs: 2000,
  promises: promisesKept(kept),
})

/** The node has that of its peer's documents, and the peer sends this one. */
function received(self: string, peer: string, has: NodeDocument, document: NodeDocument): Turn {
  const pledge: View['pledge'] = () => ({ incarnation: 1, hasLease: false, clean: true, names: {} })
  const view: View = {
    self,
    nodes: ['node1', 'node2'],
    documents: { [self]: emptyDocument(self), [has.node]: has },
    registers: {},
    pledge,
    nowMs: 0,
    intervalMs: 500,
  }
  const up = exchange(newExchange, { kind: 'up', path: 'p', peer }, view).state
  return exchange(up, { kind: 'message', path: 'p', peer, message: { kind: 'document', document } }, view)
}

describe('a daemon that began with an older store than its node had', () => {
  test('gets the last word of the former one, also where its own incarnation is higher', () => {
    const { send, news } = received('node2', 'node1', former, began(5))
    expect(send).toContainEqual({ path: 'p', peer: 'node1', message: { kind: 'document', document: former } })
    expect(news).toEqual([{ kind: 'document', document: began(5) }])
  })

  test('takes it, though it is no newer than its own', () => {
    expect(received('node1', 'node2', began(5), former).news).toEqual([
      { kind: 'document', document: former },
    ])
  })
})

test('one that began with all that was promised is told nothing, and takes nothing', () => {
  const { send } = received('node2', 'node1', former, began(7))
  expect(send.filter(({ message }) => message.kind === 'document' && message.document === former)).toEqual([])
  expect(received('node1', 'node2', began(7), former).news).toEqual([])
})
