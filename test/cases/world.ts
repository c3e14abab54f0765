import { parse } from 'yaml'
import { z } from 'zod'
import type { InstanceDocument, NodeDocument, Place } from '../../src/core/document.js'
import type { RegisterEntry, RegisterWrite, TargetKind, TargetValue } from '../../src/core/register.js'
import { registerKey } from '../../src/core/register.js'
import type { Resource, Service } from '../../src/core/service.js'
import type { Status } from '../../src/core/status.js'
import type { LocalInstance, World } from '../../src/core/world.js'
import { freshLocal } from '../../src/core/world.js'
import { flag, flagService } from '../sim/service.js'
import { fences, fencingOf } from './fencing.js'
import { evictionsOf, votingOf } from './voting.js'

/** Monotonic milliseconds of every case; peers were heard a moment ago, or 10 s ago where they are silent. */
export const nowMs = 100_000
const wallMs = 1_700_000_000_000
/** Own document before the decision; a standing claim was written with this generation. */
const own = { incarnation: 3, generation: 10 }
const target = 't1'

const names = z.array(z.string()).default([])
const changes = z.record(z.string(), z.unknown())
const instances = z
  .record(
    z.string(),
    z.union([
      z.string(),
      z.looseObject({ is: z.string(), statuses: z.record(z.string(), z.string()).optional() }),
    ]),
  )
  .default({})
const shared = {
  service: changes.default({}),
  resources: z.array(changes).default([{}]),
  on: instances,
  former: names,
}

const caseSchema = z.strictObject({
  why: z.string(),
  self: z.string().default('node1'),
  nodes: z.array(z.string()).default(['node1', 'node2']),
  ...shared,
  /** Further services. */
  also: z.record(z.string(), z.strictObject(shared)).default({}),
  silent: names,
  /** Peers whose document has seen the standing claim. */
  answered: names,
  /** `hears` of a document, where it is not everybody who is not silent. */
  hears: z.record(z.string(), z.array(z.string())).default({}),
  states: z.record(z.string(), z.enum(['booting', 'idle', 'draining', 'maintenance', 'left'])).default({}),
  load: z.record(z.string(), z.number()).default({}),
  /** Nodes that can be powered off, with what became of an order to do so 5 s ago. */
  fencing: fences,
  freeze: names,
  /** Of `former` those that left the cluster, with nothing held. */
  left: names,
  /** Declared off by an operator, at the newest document known or at an older one. */
  off: z.record(z.string(), z.enum(['newest', 'older'])).default({}),
  quorum: z.boolean().default(false),
  witnesses: names,
  /** This node's: `none` never began, `lapsed` is over. */
  lease: z.enum(['valid', 'none', 'lapsed']).default('valid'),
  /** By voter: whom it has evicted for this node's claim, or, as `NODE for CLAIMANT`, for another one's. */
  evictions: z.record(z.string(), z.array(z.string())).default({}),
  target: z.string().nullable().default(null),
  ended: z.enum(['met', 'failed', 'aborted']).nullable().default(null),
  late: z.boolean().default(false),
  /** Nodes that do not know the target yet. */
  unaware: names,
  order: z.enum(['start', 'stop', 'restart', 'provision', 'unprovision']).nullable().default(null),
  running: changes.nullable().default(null),
  boot: z.enum(['probing', 'holding', 'done']).default('done'),
  leaving: z.boolean().default(false),
  maxParallel: z.number().default(10),
  check: z.enum(['asked', 'silent', 'answered', 'unchecked', 'for an older claim']).nullable().default(null),
  claimAgeMs: z.number().default(200),
  claimAfterMs: z.number().default(0),
  local: changes.default({}),
})

type Case = z.infer<typeof caseSchema>
type Instance = Case['on'][string]
type Shared = Pick<Case, 'service' | 'resources' | 'on' | 'former'>

/** A world from its short form: what a case does not name is as in a healthy cluster at rest. */
export function worldFrom(text: string): World {
  return worldOf(parse(text))
}

/** The same of a short form that is parsed already. */
export function worldOf(short: unknown): World {
  const c = caseSchema.parse(short)
  const services: Record<string, Shared> = { db1: c, ...c.also }
  return {
    nowMs,
    wallMs,
    random: 0.5,
    self: c.self,
    cluster: clusterOf(c),
    boot: c.boot === 'holding' ? { phase: 'holding', untilMs: nowMs + 20_000 } : { phase: c.boot },
    services: Object.fromEntries(
      Object.entries(services).map(([name, of]) => [
        name,
        { service: serviceOf(c, name, of), problem: null, formerMembers: of.former },
      ]),
    ),
    registers: registersOf(c),
    documents: Object.fromEntries(
      voters(c).map((node) => [node, documentOf(c, node, services)]),
    ),
    links: linksOf(c),
    ...votingOf(c.lease, heardAtMs(c)),
    actions: c.running === null ? {} : { db1: runningOf(c.running) },
    orders: c.order === null ? {} : { db1: { id: 'o1', action: c.order, selection: everything } },
    local: Object.fromEntries(Object.keys(services).map((name) => [name, localOf(c, name)])),
    memories: {},
    fences: fencingOf(c.fencing, nowMs).fences,
    leaving: c.leaving,
  }
}

const everybody = (c: Case): readonly string[] =>
  [...c.nodes, ...c.former].filter((name) => !c.left.includes(name))

const everything = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }

function serviceOf(c: Case, name: string, of: Shared): Service {
  const resources = of.resources.map((change) => ({ ...flag, ...change }) as Resource)
  return { ...flagService(name, c.nodes, of.service as Partial<Service>), resources }
}

function clusterOf(c: Case): World['cluster'] {
  return {
    name: 'test',
    id: 'test',
    nodes: everybody(c).map((name) => ({ name, addresses: [name] })),
    quorum: c.quorum,
    witnesses: c.witnesses.map((name) => ({ name, addresses: [name] })),
    selfFence: 'stop',
    stopMaxMs: 2300,
    port: 1215,
    heartbeat: { profile: 'default', intervalMs: 500, timeoutMs: 5000, leaseMs: 2500 },
    rejoinGraceMs: 30_000,
    claimLifeMs: 11_000,
    maxParallel: c.maxParallel,
    statusIntervalMs: 60_000,
    targetTimeoutMs: 300_000,
    logMaxAgeMs: 1e12,
    logMaxLines: 1e6,
    hooks: [],
    fencing: fencingOf(c.fencing, nowMs).agents,
  }
}

const voters = (c: Case): readonly string[] => [...everybody(c), ...c.witnesses]

/** When each peer was heard last. */
const heardAtMs = (c: Case): Readonly<Record<string, number>> =>
  Object.fromEntries(
    voters(c)
      .filter((peer) => peer !== c.self)
      .map((peer) => [peer, nowMs - (c.silent.includes(peer) ? 10_000 : 100)]),
  )

function linksOf(c: Case): World['links'] {
  const heard = Object.entries(heardAtMs(c))
  return Object.fromEntries(heard.map(([peer, path]) => [peer, { heardAtMs: { path }, sinceMs: 0 }]))
}

function documentOf(c: Case, node: string, services: Record<string, Shared>): NodeDocument {
  const heard = voters(c).filter((other) => other !== node && !c.silent.includes(other))
  const seen = { ...own, generation: c.answered.includes(node) ? own.generation : own.generation - 1 }
  const entries = Object.entries(services).flatMap(([name, of]) => {
    const is = of.on[node]
    return is === undefined ? [] : [[name, instanceOf(c, name, node, is)] as const]
  })
  return {
    node,
    machineId: node,
    bootId: node,
    agentVersion: 'test',
    state: c.states[node] ?? 'idle',
    startedAtWallMs: 0,
    ...(node === c.self ? own : { incarnation: 1, generation: 5 }),
    seen: node === c.self ? {} : { [c.self]: seen },
    hears: (c.hears[node] ?? heard).toSorted(),
    load: {
      load15m: c.load[node] ?? 0,
      memTotalMb: 1,
      memAvailMb: 1,
      swapTotalMb: 0,
      swapAvailMb: 0,
      cpus: 1,
    },
    evictions: evictionsOf(node, c.evictions[node] ?? [], { node: c.self, since: own.generation }),
    instances: Object.fromEntries(entries),
  }
}

const held: Place = { kind: 'held', generation: 1, since: 4 }
const none: Place = { kind: 'none' }

/** What one word for an instance stands for. */
const kinds: Readonly<Record<string, Partial<InstanceDocument>>> = {
  down: {},
  up: { place: held, avail: 'up', started: true },
  // Begun and not ended well, or not known.
  held: { place: held },
  // Stopped, and not yet said to be released.
  releasable: { place: held, started: false },
  broken: { place: held, avail: 'down', started: true },
  claimed: {},
  'start failed': { monitor: 'start failed', failure: 'it will not start' },
  'stop failed': { place: held, avail: 'up', monitor: 'stop failed', failure: 'it will not stop' },
  'provision failed': { monitor: 'provision failed', failure: 'no room', provisioned: false },
  unprovisioned: { provisioned: false },
}

function instanceOf(c: Case, service: string, node: string, is: Instance): InstanceDocument {
  const { is: word, statuses = undefined, ...more } = typeof is === 'string' ? { is } : is
  const kind = kinds[word]
  if (kind === undefined) throw new Error(`no such instance: ${word}`)
  const rank = c.nodes.indexOf(node)
  const claimed: Place = { kind: 'claimed', generation: 2, precedence: { rank, node }, since: own.generation }
  const avail = kind.avail ?? 'down'
  const saw = c.target !== null && !c.unaware.includes(node) ? target : null
  return {
    configVersion: `${service}-1`,
    place: word === 'claimed' ? claimed : none,
    monitor: 'idle',
    failure: null,
    avail,
    overall: avail,
    provisioned: true,
    started: false,
    sawTarget: saw,
    preparedFor: null,
    doneTarget: null,
    ...kind,
    ...more,
    resources: resourcesOf((statuses ?? { 'fs#1': avail }) as Record<string, Status>),
  }
}

function resourcesOf(statuses: Readonly<Record<string, Status>>): InstanceDocument['resources'] {
  const flags = {
    running: false,
    monitor: false,
    disable: false,
    optional: false,
    standby: false,
    restartsLeft: null,
    userStopped: false,
  }
  return Object.fromEntries(
    Object.entries(statuses).map(([rid, status]) => [
      rid,
      { status, label: 'flag', type: 'flag', messages: [], provisioned: true, flags },
    ]),
  )
}

function localOf(c: Case, service: string): LocalInstance {
  if (service !== 'db1') return freshLocal
  const check = c.check === null ? null : addressCheck(c.check)
  const claimedAtMs = nowMs - c.claimAgeMs
  const claimAfterMs = c.claimAfterMs === 0 ? 0 : nowMs + c.claimAfterMs
  return { ...freshLocal, generation: 1, claimedAtMs, claimAfterMs, addressCheck: check, ...c.local }
}

function addressCheck(check: NonNullable<Case['check']>): LocalInstance['addressCheck'] {
  if (check === 'for an older claim')
    return { claim: own.generation - 3, result: 'silent', detail: 'nobody answers' }
  const detail = check === 'answered' ? '192.0.2.9 answers' : 'nobody answers'
  return { claim: own.generation, result: check, detail }
}

function runningOf(change: Record<string, unknown>): World['actions'][string] {
  const plain = {
    id: 'a1',
    action: 'start' as const,
    order: null,
    target: null,
    rids: [],
    whole: true,
    giveUp: null,
    restart: false,
    aborting: false,
  }
  return { ...plain, ...change }
}

function registersOf(c: Case): World['registers'] {
  const writes: RegisterWrite[] = c.freeze.map((name) => ({ kind: 'freeze', name, value: true }))
  for (const [name, how] of Object.entries(c.off)) {
    writes.push({
      kind: 'off',
      name,
      value: { off: true, incarnation: 1, generation: how === 'newest' ? 5 : 4 },
    })
  }
  for (const name of c.left) {
    const value = { off: true, incarnation: 1, generation: Number.MAX_SAFE_INTEGER }
    writes.push({ kind: 'off', name, value })
  }
  if (c.target !== null) writes.push({ kind: 'target', name: 'db1', value: targetOf(c, c.target) })
  const author = ({ kind, name }: RegisterWrite): string =>
    kind === 'off' && c.left.includes(name) ? name : kind === 'off' && name === 'node1' ? 'node2' : 'node1'
  const entries = writes.map((write): RegisterEntry => ({
    ...write,
    stamp: { wallMs: wallMs - 1000, count: 0, node: author(write) },
  }))
  return Object.fromEntries(entries.map((entry) => [registerKey(entry), entry]))
}

function targetOf(c: Case, text: string): TargetValue {
  const end = c.ended === null ? null : { how: c.ended, why: 'by test' }
  const deadlineWallMs = c.late ? wallMs - 1 : wallMs + 60_000
  return { id: target, target: targetKind(text), author: 'test', deadlineWallMs, end }
}

function targetKind(text: string): TargetKind {
  const [kind, node = 'node1'] = text.split('@')
  switch (kind) {
    case 'started':
    case 'stopped':
      return { kind }
    case 'placed':
    case 'restarted':
      return { kind, node }
    case 'provisioned':
    case 'unprovisioned':
    case 'purged':
      return { kind, leader: node }
    default:
      throw new Error(`no such target: ${text}`)
  }
}
