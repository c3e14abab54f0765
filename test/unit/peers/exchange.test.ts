import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { atLeast, type NodeDocument } from '../../../src/core/document.js'
import { compareStamps, registerKey, type RegisterEntry } from '../../../src/core/register.js'
import {
  exchange,
  newExchange,
  type Exchange,
  type ExchangeEvent,
  type View,
} from '../../../src/daemon/peers/exchange.js'
import { formatMessage, parseMessage, type Beat, type Message } from '../../../src/daemon/peers/wire.js'
import { emptyDocument, freeze } from './documents.js'

const answerTo = ({ seq, sentMs }: Beat): Message => ({ kind: 'ack', seq, sentMs })
const pledge = { incarnation: 1, hasLease: true, clean: true, names: {} }
const INTERVAL_MS = 500

/** Nodes that exchange over links which lose, hold back and cut; every message goes through its text form. */
class Net {
  nowMs = 0
  readonly states: Record<string, Exchange> = {}
  readonly documents: Record<string, Record<string, NodeDocument>> = {}
  readonly registers: Record<string, Record<string, RegisterEntry>> = {}
  readonly up = new Set<string>()
  readonly silent = new Set<string>()
  /** Everything that was sent since the last look, as `node1>node2 kind`. */
  log: string[] = []
  private queue: {
    readonly path: string
    readonly from: string
    readonly to: string
    readonly text: string
  }[] = []

  constructor(readonly nodes: readonly string[]) {
    for (const node of nodes) {
      this.states[node] = newExchange
      this.documents[node] = { [node]: emptyDocument(node) }
      this.registers[node] = {}
    }
  }

  /** Connects two nodes on a path; the document of each says whom it hears. */
  connect(a: string, b: string, path = `${a}>${b}`): void {
    this.up.add(path)
    this.event(a, { kind: 'up', path, peer: b })
    this.event(b, { kind: 'up', path, peer: a })
  }

  disconnect(a: string, b: string, path = `${a}>${b}`): void {
    this.up.delete(path)
    this.queue = this.queue.filter((sent) => sent.path !== path)
    this.event(a, { kind: 'down', path, peer: b })
    this.event(b, { kind: 'down', path, peer: a })
  }

  /** Changes a node's own document. */
  change(node: string, change: Partial<NodeDocument> = {}): void {
    const own = this.documents[node]![node]!
    this.merge(node, { ...own, ...change, generation: own.generation + 1 })
    this.event(node, { kind: 'changed' })
  }

  write(node: string, entry: RegisterEntry): void {
    this.registers[node] = { ...this.registers[node], [registerKey(entry)]: entry }
    this.event(node, { kind: 'changed' })
  }

  /** Some beats go by. */
  pass(beats: number): void {
    for (let i = 0; i < beats; i++) {
      this.nowMs += INTERVAL_MS
      for (const node of this.nodes) this.event(node, { kind: 'tick' })
      this.deliver()
    }
  }

  deliver(): void {
    for (let turns = 0; this.queue.length > 0; turns++) {
      expect(turns).toBeLessThan(5000)
      const { path, from, to, text } = this.queue.shift()!
      const parsed = parseMessage(text)
      const message = parsed.ok ? parsed.value : null
      if (message === null) throw new Error(`not understood: ${text}`)
      this.event(to, { kind: 'message', path, peer: from, message })
    }
  }

  private event(node: string, event: ExchangeEvent): void {
    const turn = exchange(this.states[node]!, event, this.view(node))
    this.states[node] = turn.state
    for (const { path, peer, message } of turn.send) this.post(node, peer, path, message)
    let changed = false
    for (const news of turn.news) {
      if (news.kind === 'beat') this.post(node, news.peer, news.path, answerTo(news.beat))
      if (news.kind === 'document') this.merge(node, news.document)
      if (news.kind === 'registers') this.take(node, news.entries)
      changed ||= news.kind === 'document' || news.kind === 'registers'
    }
    if (changed) this.event(node, { kind: 'changed' })
  }

  private view(node: string): View {
    const { documents, registers, nowMs, nodes } = this
    return {
      self: node,
      nodes,
      documents: documents[node]!,
      registers: registers[node]!,
      pledge: () => pledge,
      nowMs,
      intervalMs: INTERVAL_MS,
    }
  }

  private post(from: string, to: string, path: string, message: Message): void {
    this.log.push(`${from}>${to} ${message.kind}`)
    if (!this.up.has(path) || this.silent.has(path) || this.silent.has(`${from} to ${to}`)) return
    this.queue.push({ path, from, to, text: formatMessage(message) })
  }

  private merge(node: string, document: NodeDocument): void {
    const documents = this.documents[node]!
    if (atLeast(documents[document.node], document)) return
    this.documents[node] = { ...documents, [document.node]: document }
  }

  private take(node: string, entries: readonly RegisterEntry[]): void {
    for (const entry of entries) {
      const known = this.registers[node]![registerKey(entry)]
      if (known !== undefined && compareStamps(known.stamp, entry.stamp) >= 0) continue
      this.registers[node] = { ...this.registers[node], [registerKey(entry)]: entry }
    }
  }

  /** Does every node have every node's newest document, and the same registers? */
  agrees(): boolean {
    const [first, ...others] = this.nodes
    const all = JSON.stringify(sortedRegisters(this.registers[first!]!))
    const same = others.every((node) => JSON.stringify(sortedRegisters(this.registers[node]!)) === all)
    return same && this.nodes.every((a) => this.nodes.every((b) => this.has(a, b)))
  }

  has(node: string, author: string): boolean {
    return JSON.stringify(this.documents[node]![author]) === JSON.stringify(this.documents[author]![author])
  }

  /** Kinds sent since the last look. */
  sent(): readonly string[] {
    const log = this.log
    this.log = []
    return log
  }
}

test('two nodes that meet know everything of each other at once, and then only beat', () => {
  const net = new Net(['node1', 'node2'])
  net.write('node1', freeze('a', 'node1', 1, true))
  net.write('node2', freeze('b', 'node2', 2, true))
  net.write('node2', freeze('a', 'node2', 3, false))
  net.connect('node1', 'node2')
  net.deliver()
  expect(net.agrees()).toBe(true)
  expect(net.registers['node1']!['freeze/a']!.value).toBe(false)
  net.pass(5)
  net.sent()
  net.pass(10)
  expect(new Set(net.sent())).toEqual(
    new Set(['node1>node2 beat', 'node2>node1 beat', 'node1>node2 ack', 'node2>node1 ack']),
  )
})

test('changes go as patches, each once', () => {
  const net = new Net(['node1', 'node2'])
  net.connect('node1', 'node2')
  net.pass(1)
  net.sent()
  for (let i = 0; i < 5; i++) net.change('node1', { startedAtWallMs: i })
  net.deliver()
  expect(net.sent()).toEqual(Array.from({ length: 5 }, () => 'node1>node2 patch'))
  expect(net.agrees()).toBe(true)
})

test('a register reaches each node once, from its author', () => {
  const net = mesh(['node1', 'node2', 'node3'])
  net.sent()
  net.write('node1', freeze('a', 'node1', 1, true))
  net.deliver()
  expect(net.agrees()).toBe(true)
  expect(net.sent()).toEqual(['node1>node2 registers', 'node1>node3 registers'])
})

test('nodes that are cut from each other learn from a third, at once', () => {
  const net = mesh(['node1', 'node2', 'node3'])
  net.disconnect('node1', 'node2')
  net.change('node1', { hears: ['node3'] })
  net.change('node2', { hears: ['node3'] })
  net.deliver()
  expect(net.agrees()).toBe(true)
  net.sent()
  net.change('node1', { state: 'draining' })
  net.write('node2', freeze('a', 'node2', 1, true))
  net.deliver()
  expect(net.agrees()).toBe(true)
  expect(net.sent()).toEqual([
    'node1>node3 patch',
    'node2>node3 registers',
    'node3>node2 patch',
    'node3>node1 registers',
  ])
})

test('a cut that nobody has noticed yet is bridged after two beats', () => {
  const net = mesh(['node1', 'node2', 'node3'])
  net.silent.add('node1>node2')
  net.change('node1', { state: 'draining' })
  net.pass(4)
  expect(net.has('node2', 'node1')).toBe(true)
})

test('what goes silent on one path goes on over another one', () => {
  const net = new Net(['node1', 'node2'])
  net.connect('node1', 'node2', 'first')
  net.connect('node1', 'node2', 'second')
  net.pass(1)
  net.silent.add('first')
  net.change('node1', { state: 'draining' })
  net.pass(5)
  expect(net.has('node2', 'node1')).toBe(true)
  net.change('node1', { state: 'idle' })
  net.deliver()
  expect(net.has('node2', 'node1')).toBe(true)
})

test('a node that lost its store is told of its own newer document', () => {
  const net = new Net(['node1', 'node2'])
  net.documents['node1'] = { node1: emptyDocument('node1', 1) }
  net.documents['node2']!['node1'] = emptyDocument('node1', 9, 30)
  net.connect('node1', 'node2')
  net.pass(1)
  expect(net.documents['node1']!['node1']).toMatchObject({ incarnation: 9, generation: 30 })
})

test('documents of strangers are not taken', () => {
  const view: View = {
    self: 'node1',
    nodes: ['node1', 'node2'],
    documents: {},
    registers: {},
    pledge: () => pledge,
    nowMs: 0,
    intervalMs: INTERVAL_MS,
  }
  const up = exchange(newExchange, { kind: 'up', path: 'p', peer: 'node2' }, view).state
  const message: Message = { kind: 'document', document: emptyDocument('node9') }
  expect(exchange(up, { kind: 'message', path: 'p', peer: 'node2', message }, view).news).toEqual([])
})

test('whatever happens to links and messages: soon after it ends, all agree, and are quiet', () => {
  const nodes = ['node1', 'node2', 'node3', 'node4']
  const pair = fc.constantFrom(
    ['node1', 'node2'],
    ['node1', 'node3'],
    ['node2', 'node3'],
    ['node1', 'node4'],
    ['node3', 'node4'],
  )
  const node = fc.constantFrom(...nodes)
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('cut', 'silence', 'one way', 'heal'), pair }),
    fc.record({ do: fc.constant('change'), node, hears: fc.subarray(nodes) }),
    fc.record({ do: fc.constant('write'), node, service: fc.constantFrom('a', 'b') }),
    fc.record({ do: fc.constant('pass'), beats: fc.integer({ min: 0, max: 3 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const net = new Net(nodes)
      for (const each of steps) act(net, each)
      net.silent.clear()
      for (const [a, b] of [
        ['node1', 'node2'],
        ['node2', 'node3'],
        ['node3', 'node4'],
      ] as const)
        if (!net.up.has(`${a}>${b}`)) net.connect(a, b)
      net.pass(8)
      expect(net.agrees()).toBe(true)
      net.sent()
      net.pass(6)
      expect(net.sent().filter((line) => !/ (beat|ack)$/.test(line))).toEqual([])
    }),
    { numRuns: 100 },
  )
}, 60_000)

type Step =
  | { readonly do: string; readonly pair: readonly string[] }
  | { readonly do: string; readonly node: string; readonly hears: readonly string[] }
  | { readonly do: string; readonly node: string; readonly service: string }
  | { readonly do: string; readonly beats: number }

function act(net: Net, step: Step): void {
  if ('beats' in step) return net.pass(step.beats)
  if ('hears' in step) return net.change(step.node, { hears: step.hears })
  if ('node' in step) {
    net.nowMs++
    return net.write(step.node, freeze(step.service, step.node, net.nowMs, true))
  }
  const [a = '', b = ''] = step.pair
  const path = `${a}>${b}`
  if (step.do === 'silence') net.silent.add(path)
  if (step.do === 'one way') net.silent.add(`${b} to ${a}`)
  if (step.do === 'cut' && net.up.has(path)) net.disconnect(a, b)
  if (step.do !== 'heal') return
  net.silent.delete(path)
  net.silent.delete(`${b} to ${a}`)
  if (!net.up.has(path)) net.connect(a, b)
}

/** All connected, all heard, all settled. */
function mesh(nodes: readonly string[]): Net {
  const net = new Net(nodes)
  for (const a of nodes) for (const b of nodes) if (a < b) net.connect(a, b)
  for (const node of nodes) net.change(node, { hears: nodes.filter((other) => other !== node) })
  net.pass(8)
  expect(net.agrees()).toBe(true)
  return net
}

function sortedRegisters(
  registers: Readonly<Record<string, RegisterEntry>>,
): readonly (readonly [string, RegisterEntry])[] {
  return Object.entries(registers).sort(([a], [b]) => (a < b ? -1 : 1))
}
