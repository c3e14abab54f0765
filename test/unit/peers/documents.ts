import * as fc from 'fast-check'
import type { InstanceDocument, NodeDocument } from '../../../src/core/document.js'
import type { RegisterEntry } from '../../../src/core/register.js'

/** A node's document with nothing in it. */
export function emptyDocument(node: string, incarnation = 1, generation = 1): NodeDocument {
  return {
    node,
    incarnation,
    generation,
    machineId: `machine of ${node}`,
    bootId: 'b1',
    agentVersion: '0.1.0',
    state: 'idle',
    startedAtWallMs: 1000,
    seen: {},
    hears: [],
    load: { load15m: 0.1, memTotalMb: 8000, memAvailMb: 4000, swapTotalMb: 0, swapAvailMb: 0, cpus: 2 },
    evictions: {},
    instances: {},
  }
}

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/)
const count = fc.nat(1000)
const version = fc.record({ incarnation: count, generation: count })
const status = fc.constantFrom('up', 'down', 'warn', 'stdby up', 'stdby down', 'n/a', 'undef')
const text = fc.string({ unit: 'grapheme', maxLength: 12 })

const place: fc.Arbitrary<InstanceDocument['place']> = fc.oneof(
  fc.record({ kind: fc.constant('none' as const) }),
  fc.record({
    kind: fc.constant('claimed' as const),
    generation: count,
    precedence: fc.record({ rank: count, node: name }),
    since: count,
  }),
  fc.record({ kind: fc.constant('held' as const), generation: count, since: count }),
)

const resource = fc.record({
  status,
  label: text,
  type: name,
  messages: fc.array(fc.record({ level: fc.constantFrom('info', 'warn', 'error'), text }), { maxLength: 2 }),
  provisioned: fc.option(fc.boolean()),
  flags: fc.record({
    running: fc.boolean(),
    monitor: fc.boolean(),
    disable: fc.boolean(),
    optional: fc.boolean(),
    standby: fc.boolean(),
    restartsLeft: fc.option(count),
    userStopped: fc.boolean(),
  }),
})

export const anyInstance: fc.Arbitrary<InstanceDocument> = fc.record({
  configVersion: text,
  place,
  monitor: fc.constantFrom('idle', 'starting', 'start failed', 'wait parents'),
  failure: fc.option(text),
  avail: status,
  overall: status,
  provisioned: fc.boolean(),
  started: fc.boolean(),
  sawTarget: fc.option(text),
  words: fc.dictionary(name, fc.record({ wallMs: count, count, node: name }), { maxKeys: 2 }),
  preparedFor: fc.option(text),
  doneTarget: fc.option(text),
  resources: fc.dictionary(name, resource, { maxKeys: 3 }),
})

const claim = fc.record({ node: name, incarnation: count, service: name, since: count })
const eviction = fc.record({ id: text, claims: fc.array(claim, { maxLength: 2 }) })

/** Any document of one node in one incarnation. */
export const anyDocument: fc.Arbitrary<NodeDocument> = fc.record({
  node: fc.constant('node1'),
  incarnation: fc.constant(3),
  generation: count,
  machineId: text,
  bootId: text,
  agentVersion: text,
  state: fc.constantFrom('booting', 'idle', 'draining', 'maintenance', 'left'),
  startedAtWallMs: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
  seen: fc.dictionary(name, version, { maxKeys: 3 }),
  hears: fc.array(name, { maxLength: 3 }),
  load: fc.record({
    load15m: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    memTotalMb: count,
    memAvailMb: count,
    swapTotalMb: count,
    swapAvailMb: count,
    cpus: count,
  }),
  gaps: fc.array(name, { maxLength: 2 }),
  evictions: fc.dictionary(name, eviction, { maxKeys: 2 }),
  instances: fc.dictionary(name, anyInstance, { maxKeys: 4 }),
})

export function freeze(service: string, node: string, wallMs: number, value: boolean): RegisterEntry {
  return { kind: 'freeze', name: service, stamp: { wallMs, count: 0, node }, value }
}
