import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundedGaps } from '../../../src/core/gaps.js'
import type { NodeDocument } from '../../../src/core/document.js'
import type { RegisterEntry } from '../../../src/core/register.js'
import { apply, diff } from '../../../src/daemon/peers/patch.js'
import { formatMessage, parseMessage, type Message, type Patch } from '../../../src/daemon/peers/wire.js'
import { withMore } from '../../sim/versions.js'
import { anyDocument, emptyDocument, freeze } from './documents.js'

test('a patch leads from one document to the other, over the wire too', () => {
  fc.assert(
    fc.property(anyDocument, anyDocument, (old, next) => {
      const patch = diff(old, next)!
      expect(apply(old, patch)).toEqual(next)
      const sent = parseMessage(formatMessage(patch))
      // JSON has no negative zero.
      const arrived = sent.ok && sent.value?.kind === 'patch' ? apply(old, sent.value) : null
      expect(JSON.stringify(sorted(arrived))).toBe(JSON.stringify(sorted(next)))
    }),
  )
})

test('a patch between equal documents changes nothing but the generation', () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const copy = { ...structuredClone(document), generation: document.generation + 1 }
      expect(diff(document, copy)).toMatchObject({ set: {}, instances: {} })
    }),
  )
})

test('a patch fits the one generation that it was made for', () => {
  const old = emptyDocument('node1', 2, 5)
  const patch = diff(old, { ...old, generation: 6, state: 'draining' })!
  expect(apply(old, patch)).toMatchObject({ generation: 6, state: 'draining' })
  expect(apply({ ...old, generation: 4 }, patch)).toBeNull()
  expect(apply({ ...old, incarnation: 1 }, patch)).toBeNull()
  expect(apply({ ...old, node: 'node2' }, patch)).toBeNull()
  expect(diff(old, { ...old, incarnation: 3 })).toBeNull()
})

test('every kind of message comes through unchanged', () => {
  const stamp = { wallMs: 5, count: 1, node: 'node1' }
  const messages: Message[] = [
    {
      kind: 'hello',
      protocols: { min: 1, max: 2 },
      cluster: 'c1',
      node: 'node1',
      machineId: 'm1',
      incarnation: 7,
      agentVersion: '0.1.0',
      path: 'node1>node2@192.0.2.2',
    },
    { kind: 'refuse', why: 'no' },
    {
      kind: 'beat',
      seq: 1,
      sentMs: 12.5,
      versions: { node1: { incarnation: 1, generation: 2 } },
      registers: 'x',
    },
    { kind: 'ack', seq: 1, sentMs: 12.5 },
    { kind: 'document', document: emptyDocument('node1') },
    { kind: 'want', node: 'node2' },
    {
      kind: 'registers',
      entries: [
        { kind: 'config', name: 'db1', stamp, value: { text: null, author: 'user' } },
        { kind: 'cluster', name: 'cluster', stamp, value: { text: 'nodes:\n', author: 'user' } },
        {
          kind: 'target',
          name: 'db1',
          stamp,
          value: {
            id: 't',
            target: { kind: 'placed', node: 'node2' },
            author: 'user',
            deadlineWallMs: 9,
            end: null,
          },
        },
        { kind: 'freeze', name: '@node1', stamp, value: true },
        { kind: 'off', name: 'node1', stamp, value: { off: true, incarnation: 1, generation: 4 } },
        { kind: 'clear', name: 'db1', stamp, value: true },
      ],
    },
    { kind: 'digest', registers: { 'config/db1': stamp } },
    { kind: 'wantRegisters', keys: ['config/db1'] },
  ]
  for (const message of messages)
    expect(parseMessage(formatMessage(message))).toEqual({ ok: true, value: message })
})

test.each([
  ['', /^a message of a peer makes no sense: /],
  ['{', /makes no sense/],
  ['null', /makes no sense/],
  ['{"kind":7}', /makes no sense at kind: /],
  ['{"kind":"ack","seq":-1,"sentMs":1}', /makes no sense at seq: /],
  ['{"kind":"ack","seq":1e999,"sentMs":1}', /makes no sense at seq: /],
  ['{"kind":"document","document":{"node":"node1"}}', /makes no sense at document\./],
  [`{"kind":"want","node":"${'x'.repeat(17 * 1024 * 1024)}"}`, /too long/],
])('nonsense is refused: %.40s', (text, words) => {
  const parsed = parseMessage(text)
  expect(parsed.ok ? '' : parsed.error.message).toMatch(words)
})

test('anything at all is refused or understood, never thrown at', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.object().map((o) => JSON.stringify(o)),
      ),
      (text) => {
        const parsed = parseMessage(text)
        expect(parsed.ok || parsed.error.code === 'INVALID').toBe(true)
      },
    ),
  )
})

describe('what a node says of its own protection', () => {
  const gaps = ['has no guard: build with a C compiler to have one']
  const document = emptyDocument('node1')
  const said = { ...document, gaps }
  const arrived = (message: Message) => {
    const parsed = parseMessage(formatMessage(message))
    return parsed.ok ? parsed.value : parsed.error.message
  }

  test('comes through, whole and as a patch', () => {
    expect(arrived({ kind: 'document', document: said })).toEqual({ kind: 'document', document: said })
    const patch = diff(document, said)!
    expect(arrived(patch)).toMatchObject({ set: { gaps } })
    expect(apply(document, patch)).toEqual({ ...said, generation: 1 })
    const mended = { ...said, gaps: [] }
    expect(apply(said, arrived(diff(said, mended)!) as typeof patch)).toEqual(mended)
  })

  test('may be missing, as in documents of earlier agents', () => {
    expect(arrived({ kind: 'document', document })).toEqual({ kind: 'document', document })
    expect(diff(document, { ...document, generation: 2 })?.set).toEqual({})
  })

  test('is cut short where it is more than a document holds, and its author stays heard', () => {
    const many = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(1000)}`)
    const parsed = arrived({ kind: 'document', document: { ...document, gaps: many } })
    expect(parsed).toEqual({ kind: 'document', document: { ...document, gaps: boundedGaps(many) } })
  })
})

test.each([
  [2 ** 40, true],
  [2 ** 40 + 1, false],
])('the number of a start that is told: %i', (number, taken) => {
  const document = { ...emptyDocument('node1'), generations: { db1: number } }
  expect(parseMessage(formatMessage({ kind: 'document', document })).ok).toBe(taken)
})

test('what a later agent adds is ignored, a message of a kind of its own too', () => {
  const text = JSON.stringify({ kind: 'ack', seq: 1, sentMs: 2, colour: 'red' })
  expect(parseMessage(text)).toEqual({ ok: true, value: { kind: 'ack', seq: 1, sentMs: 2 } })
  expect(parseMessage('{"kind":"beep","loud":true}')).toEqual({ ok: true, value: null })
})

test('what a later agent adds to a document, or to a register, is passed on with it, at every depth', () => {
  fc.assert(
    fc.property(anyDocument, anyDocument, (old, next) => {
      const [before, after] = [withMore(old), withMore(next)] as [NodeDocument, NodeDocument]
      expect(withMore(old)).not.toEqual(old)
      expect(throughWire({ kind: 'document', document: after })).toEqual({
        kind: 'document',
        document: after,
      })
      const patch = throughWire(diff(before, after)!) as Patch
      expect(sorted(apply(before, patch))).toEqual(sorted(throughText(after)))
    }),
  )
  const entry = withMore(freeze('db1', 'node1', 5, true)) as RegisterEntry
  const registers: Message = { kind: 'registers', entries: [entry] }
  expect(throughWire(registers)).toEqual(registers)
})

test('a patch says nothing of whose document it is, and a field that is gone needs the whole', () => {
  const old = emptyDocument('node1', 2, 5)
  const set: object = { node: 'node9', incarnation: 7, generation: 9 }
  const patch = { ...diff(old, { ...old, generation: 6 })!, set }
  expect(apply(old, patch)).toEqual({ ...old, generation: 6 })
  const more: NodeDocument & { colour: string } = { ...old, colour: 'red' }
  expect(diff(more, { ...old, generation: 6 })).toBeNull()
})

const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

function throughWire(message: Message): Message | null {
  const parsed = parseMessage(formatMessage(message))
  return parsed.ok ? parsed.value : null
}

/** With keys in order, at every depth. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
