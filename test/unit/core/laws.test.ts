import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, houseWakes } from '../../../src/core/decide/index.js'
import { reduce } from '../../../src/core/reduce/index.js'
import type { InstanceProbe } from '../../../src/core/event.js'
import type { ActIntent, Intent } from '../../../src/core/intent.js'
import type { Status } from '../../../src/core/status.js'
import type { World } from '../../../src/core/world.js'
import { Agent } from '../../../src/daemon/agent/agent.js'
import { nowMs } from '../../cases/world.js'
import { memoryStore } from '../../sim/memory-store.js'
import { VirtualClock } from '../../sim/virtual-clock.js'
import { mutations } from '../../sim/mutations.js'
import { quorumMutations } from '../../sim/quorum-mutations.js'
import { anyWorld, claimingWorld } from './any-world.js'

/** The same worlds each time, so that a failure can be looked at; another seed is another day's walk. */
const runs = { numRuns: 400, seed: 42 }

describe('in any world', { timeout: 60_000 }, () => {
  test('decide answers, the same each time, and asks to be woken later than now', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const decision = decide(world)
        expect(decide(structuredClone(world))).toEqual(decision)
        if (decision.wakeAtMs !== null) expect(decision.wakeAtMs).toBeGreaterThan(world.nowMs)
      }),
      runs,
    )
  })

  test.each([
    ['any world', anyWorld],
    ['any world with a claim', claimingWorld],
  ])('%s: nothing is due before the date at which decide wants to be woken', (_, worlds) => {
    fc.assert(
      fc.property(worlds, (world) => {
        const rested = restedOf(world)
        const { wakeAtMs } = decide(rested)
        const justBeforeMs = wakeAtMs === null ? rested.nowMs + dayMs : wakeAtMs - 1
        expect(decide({ ...rested, nowMs: justBeforeMs }).intents).toEqual([])
      }),
      { ...runs, numRuns: 800 },
    )
  })

  test('decisions come to rest within a few rounds', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        expect(turnOf(world).rounds).toBeLessThan(12)
      }),
      runs,
    )
  })

  test('nothing is repeated at once without end, whatever the actions bring about', () => {
    fc.assert(
      fc.property(
        anyWorld,
        fc.boolean(),
        fc.constantFrom<Status>('up', 'down', 'warn', 'undef'),
        fc.boolean(),
        (world, ok, status, released) => {
          const lying = { ok, status, released }
          expect(turnOf(world, lying).actions).toBeLessThan(12)
        },
      ),
      runs,
    )
  })

  test.each([
    ['any world', anyWorld],
    ['any world with a claim', claimingWorld],
  ])(
    '%s: nothing exclusive begins without the place, or a claim that all others answered or need not',
    (_, worlds) => {
      fc.assert(
        fc.property(worlds, (world) => begunUnentitled(decide, world).length === 0),
        { ...runs, numRuns: 1500 },
      )
    },
  )

  test('what is frozen is not started by the daemon on its own', () => {
    fc.assert(
      fc.property(anyWorld, (world) => startedFrozen(decide, world).length === 0),
      runs,
    )
  })
})

describe('the laws see', () => {
  test('claims that are granted', () => {
    const granted = fc.sample(claimingWorld, runs).filter((world) => begun(decide, world).length > 0)
    expect(granted.length).toBeGreaterThan(20)
  })

  test.each([
    ['a claim needs no answer', claimingWorld, begunUnentitled],
    ['status is believed, not the place', claimingWorld, begunUnentitled],
    ['claims have no precedence', claimingWorld, begunUnentitled],
    ['what third nodes hear is not asked', claimingWorld, begunUnentitled],
    ['addresses are not asked', claimingWorld, begunUnentitled],
    ['the lease is not looked at', anyWorld, begunUnentitled],
    ['stale evictions count', claimingWorld, begunUnentitled],
    ['fewer than a majority evict', claimingWorld, begunUnentitled],
    ['freezes are overlooked', anyWorld, startedFrozen],
  ] as const)('that %s', (name, worlds, breaches) => {
    const broken = mutations[name] ?? quorumMutations[name]
    if (broken === undefined) throw new Error(`no mutation ${name}`)
    const found = fc.check(
      fc.property(worlds, (world) => breaches(broken, world).length === 0),
      { ...runs, numRuns: 3000 },
    )
    expect(found.failed).toBe(true)
  })
})

type Rules = typeof decide

const begun = (rules: Rules, world: World): readonly ActIntent[] => rules(world).intents.filter(needsPlace)

const begunUnentitled = (rules: Rules, world: World): readonly ActIntent[] =>
  begun(rules, world).filter((intent) => !entitled(world, intent))

function startedFrozen(rules: Rules, world: World): readonly ActIntent[] {
  const freeze = { kind: 'freeze', name: 'db1', value: true, stamp } as const
  const frozen: World = { ...world, registers: { ...world.registers, 'freeze/db1': freeze } }
  return begun(rules, frozen).filter((i) => i.service === 'db1' && i.target === null && i.order === null)
}

const stamp = { wallMs: 1, count: 0, node: 'node1' }

const dayMs = 86_400_000

/** That world once the agent has nothing more to decide, its actions still running. */
function restedOf(world: World): World {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  let ids = 0
  const rng = { random: () => 0.5, id: () => `id${(ids += 1)}` }
  const agent = new Agent(world, { clock, rng, store: memoryStore() })
  agent.begin(() => undefined)
  agent.stop()
  return agent.world
}

/** One turn of the agent in that world; where told how, actions end at once, and as told. */
function turnOf(
  world: World,
  lying: { readonly ok: boolean; readonly status: Status; readonly released: boolean } | null = null,
): { readonly rounds: number; readonly actions: number } {
  const clock = new VirtualClock()
  clock.pass(nowMs)
  let rounds = 0
  let actions = 0
  let ids = 0
  const rng = { random: () => 0.5, id: () => `id${(ids += 1)}` }
  const counted: typeof decide = (w) => {
    rounds += 1
    return decide(w)
  }
  const agent = new Agent(
    world,
    { clock, rng, store: memoryStore() },
    { reduce, decide: counted, houseWakes },
  )
  agent.begin((intent, id) => {
    if (intent.do !== 'act') return
    actions += 1
    if (lying === null || actions > 20) return
    const { ok, status, released } = lying
    const outcome = {
      ok,
      failure: ok ? null : 'no',
      aborted: false,
      probe: probeOf(world, intent, status, released),
    }
    agent.put({ kind: 'action ended', service: intent.service, id, outcome })
  })
  return { rounds, actions }
}

function probeOf(world: World, { service }: ActIntent, status: Status, released: boolean): InstanceProbe {
  const { version = '', resources = [] } = world.services[service]?.service ?? {}
  const seen = { status, label: 'flag', messages: [], provisioned: null, released }
  return { service, version, resources: Object.fromEntries(resources.map(({ rid }) => [rid, seen])) }
}

function needsPlace(intent: Intent): intent is ActIntent {
  if (intent.do !== 'act') return false
  switch (intent.action) {
    case 'start':
    case 'restart':
      return true
    case 'provision':
    case 'unprovision':
      return intent.leader
    case 'prepare':
    case 'stop':
      return false
  }
}

/** The rule of claims once more, in other words than the code's. */
function entitled(world: World, intent: ActIntent): boolean {
  const { self, documents } = world
  const view = world.services[intent.service]
  const own = documents[self]
  const place = own?.instances[intent.service]?.place
  if (view === undefined || own === undefined || place === undefined) return false
  if (!leased(world)) return false
  if (place.kind === 'held') return true
  if (place.kind === 'none' || intent.generation !== place.generation) return false
  const members = [...view.service.nodes, ...view.formerMembers].filter((node) => node !== self)
  return members.every(
    (node) =>
      answered(world, intent.service, node, place) || proven(world, intent.service, node, place.since),
  )
}

type Claim = { readonly since: number; readonly precedence: { readonly rank: number; readonly node: string } }

function answered(world: World, service: string, node: string, claim: Claim): boolean {
  const document = world.documents[node]
  const seen = document?.seen[world.self]
  const incarnation = world.documents[world.self]?.incarnation ?? 0
  if (document === undefined || seen === undefined) return false
  if (seen.incarnation < incarnation || (seen.incarnation === incarnation && seen.generation < claim.since))
    return false
  const instance = document.instances[service]
  const view = world.services[service]
  if (instance === undefined) return view?.formerMembers.includes(node) === true
  if (instance.place.kind === 'held' || instance.configVersion !== view?.service.version) return false
  if (instance.place.kind === 'none') return true
  const { rank, node: name } = instance.place.precedence
  return rank > claim.precedence.rank || (rank === claim.precedence.rank && name > claim.precedence.node)
}

/** It has left, or with quorum stopped its daemon. */
function isAway(world: World, node: string): boolean {
  const state = world.documents[node]?.state
  return state === 'left' || (world.cluster.quorum && state === 'maintenance')
}

function proven(world: World, service: string, node: string, since: number): boolean {
  const document = world.documents[node]
  const isHeld = document?.instances[service]?.place.kind === 'held'
  if (!isHeld && isAway(world, node)) return true
  if (world.cluster.quorum) return provenByQuorum(world, service, node, since)
  const heardAtMs = Object.values(world.links[node]?.heardAtMs ?? {})
  if (heardAtMs.some((at) => world.nowMs - at < world.cluster.heartbeat.timeoutMs)) return false
  if (hearsByOthers(world, node)) return false
  const off = world.registers[`off/${node}`]
  if (off?.kind === 'off' && off.value.off && off.value.generation === document?.generation) return true
  if (document?.state === 'maintenance' && isHeld) return false
  const check = world.local[service]?.addressCheck
  if (check?.claim !== since) return false
  if (check.result === 'unchecked') return true
  return check.result === 'silent' && world.nowMs - check.atMs <= 2 * world.cluster.heartbeat.intervalMs
}

/** By a chain of nodes of which this one hears the first. */
function hearsByOthers(world: World, node: string): boolean {
  const chain = Object.entries(world.links)
    .filter(([, link]) =>
      Object.values(link.heardAtMs).some((at) => world.nowMs - at < world.cluster.heartbeat.timeoutMs),
    )
    .map(([name]) => name)
  for (const name of chain) {
    for (const next of world.documents[name]?.hears ?? []) {
      if (next === node) return true
      if (next !== world.self && !chain.includes(next)) chain.push(next)
    }
  }
  return false
}

/** A majority acknowledged beats that are younger than the lease. */
function leased(world: World): boolean {
  const { quorum, nodes, witnesses, heartbeat } = world.cluster
  if (!quorum) return true
  const voters = [...nodes, ...witnesses]
  const fresh = voters.filter(
    ({ name }) =>
      name === world.self || world.nowMs - (world.lease.ackedMs[name] ?? -Infinity) < heartbeat.leaseMs,
  )
  return !world.lease.lapsed && 2 * fresh.length > voters.length
}

/** An operator's word, or evictions by a majority for this very claim, and no newer word that the place is held. */
function provenByQuorum(world: World, service: string, node: string, since: number): boolean {
  const { nodes, witnesses, heartbeat } = world.cluster
  const document = world.documents[node]
  const off = world.registers[`off/${node}`]
  const heardAtMs = Object.values(world.links[node]?.heardAtMs ?? {})
  const heard = heardAtMs.some((at) => world.nowMs - at < heartbeat.timeoutMs)
  const incarnation = world.documents[world.self]?.incarnation
  const seen = document?.seen[world.self]
  const saw = seen !== undefined && seen.incarnation === incarnation && seen.generation >= since
  const isHeld = document?.instances[service]?.place.kind === 'held'
  if (isHeld && saw) return false
  const declared = off?.kind === 'off' && off.value.off && off.value.generation === document?.generation
  if (!heard && declared) return true
  if (document?.state === 'maintenance' && isHeld) return false
  const voters = [...nodes, ...witnesses]
  const evicting = voters.filter(({ name }) =>
    world.documents[name]?.evictions[node]?.claims.some(
      (claim) =>
        claim.node === world.self &&
        claim.service === service &&
        claim.since === since &&
        claim.incarnation === incarnation,
    ),
  )
  return 2 * evicting.length > voters.length
}
