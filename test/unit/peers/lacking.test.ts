import { expect, test } from 'vitest'
import { exchange, newExchange, type Exchange, type View } from '../../../src/daemon/peers/exchange.js'
import { emptyDocument } from './documents.js'

test('a beat that shows what its sender lacks is answered with that at once', () => {
  const nodes = ['node1', 'node2', 'node3', 'node4']
  const documents = Object.fromEntries(nodes.map((node) => [node, emptyDocument(node)]))
  const view: View = {
    self: 'node1',
    nodes,
    documents,
    registers: {},
    nowMs: 1000,
    intervalMs: 500,
    pledge: () => ({ incarnation: 1, hasLease: true, clean: true, names: {} }),
  }
  const up = (state: Exchange, peer: string): Exchange =>
    exchange(state, { kind: 'up', path: `node1>${peer}`, peer }, view).state
  const met = up(up(newExchange, 'node2'), 'node4')
  const message = { kind: 'beat', seq: 1, sentMs: 0, versions: {}, registers: met.registersHash } as const
  const event = { kind: 'message', path: 'node1>node2', peer: 'node2', message } as const
  const { send } = exchange(met, event, view)
  const told = send.map((one) => [one.peer, one.message.kind === 'document' && one.message.document.node])
  expect(told).toEqual([
    ['node2', 'node3'],
    ['node2', 'node4'],
  ])
})
