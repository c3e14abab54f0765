import { parse } from 'yaml'
import type { InstanceDocument, NodeDocument, Place } from '../../src/core/document.js'
import { soleRules } from '../../src/core/rules.js'
import type { Resource, Service } from '../../src/core/service.js'
import type { Status } from '../../src/core/status.js'
import type { LocalInstance, World } from '../../src/core/world.js'
import { freshLocal } from '../../src/core/world.js'
import { flag, flagService } from '../sim/service.js'
import { fencingOf } from './fencing.js'
import { registersOf, wallMs } from './registers.js'
import { caseSchema, target, type Case, type Instance, type Shared } from './short-form.js'
import { evictionsOf, votingOf } from './voting.js'

/** Monotonic milliseconds of every case; peers were heard a moment ago, or 10 s ago where they are silent. */
export const nowMs = 100_000
/** Own document before the decision; a standing claim was written with this generation. */
const own = { incarnation: 3, generation: 10 }

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
    rules: soleRules(null),
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
    ...votingOf(
      c.lease,
      heardAtMs(c),
      Object.fromEntries(Object.entries(c.leaseless).map(([peer, ms]) => [peer, nowMs - ms])),
    ),
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
    watchdog: { device: '/dev/watchdog', periodMs: 2000 },
    selfFence: 'stop',
    stopMaxMs: 2300,
    port: 1215,
    heartbeat: { profile: 'default', intervalMs: 500, timeoutMs: 5000, leaseMs: 2500 },
    pulsePaths: [],
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
  const pulsing = (peer: string): Partial<World['links'][string]> =>
    c.pulsing.includes(peer) ? { pulsedAtMs: { 'hb#1': nowMs - 100 } } : {}
  const back = (peer: string): Partial<World['links'][string]> =>
    c.back.includes(peer) ? { catchingUp: true, backAtMs: nowMs - 100 } : {}
  const left = (peer: string): Partial<World['links'][string]> =>
    c.leftBefore.includes(peer) ? { leftBefore: 1 } : {}
  return Object.fromEntries(
    heard.map(([peer, path]) => [
      peer,
      { heardAtMs: { path }, sinceMs: 0, ...pulsing(peer), ...back(peer), ...left(peer) },
    ]),
  )
}

function documentOf(c: Case, node: string, services: Record<string, Shared>): NodeDocument {
  const heard = voters(c).filter((other) => other !== node && !c.silent.includes(other))
  // Who evicts for a claim has seen it.
  const evicts = (c.evictions[node] ?? []).some((text) => !text.includes(' for '))
  const answers = c.answered.includes(node) || evicts
  const seen = { ...own, generation: answers ? own.generation : own.generation - 1 }
  const newer = Object.fromEntries(
    (c.newer[node] ?? []).map((peer) => [peer, { incarnation: 2, generation: 1 }]),
  )
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
    seen: node === c.self ? {} : { [c.self]: seen, ...newer },
    hears: (c.hears[node] ?? heard).toSorted(),
    load: {
      load15m: c.load[node] ?? 0,
      memTotalMb: 1,
      memAvailMb: 1,
      swapTotalMb: 0,
      swapAvailMb: 0,
      cpus: 1,
    },
    ...(c.started[node] !== undefined && { generations: { db1: c.started[node] } }),
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
    return { claim: own.generation - 3, result: 'silent', detail: 'nobody answers', atMs: nowMs - 100 }
  const claim = own.generation
  if (check === 'silent a while ago')
    return { claim, result: 'silent', detail: 'nobody answers', atMs: nowMs - 1100 }
  const detail = check === 'answered' ? '192.0.2.9 answers' : 'nobody answers'
  return { claim, result: check, detail, atMs: nowMs - 100 }
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
