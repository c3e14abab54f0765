import { votersOf } from '../../src/core/cluster.js'
import { decide } from '../../src/core/decide/index.js'
import { act } from '../../src/core/decide/verdict.js'
import type { Event } from '../../src/core/event.js'
import type { Intent } from '../../src/core/intent.js'
import { isLapsed } from '../../src/core/lease.js'
import type { RegisterEntry } from '../../src/core/register.js'
import { ownDocument } from '../../src/core/view.js'
import { evictionOf } from '../../src/core/voting.js'
import type { World } from '../../src/core/world.js'
import { instancesOf, on, unnumbered } from './belied.js'
import { evidenceMutations, untold, unwaiting } from './evidence-mutations.js'
import { isPassedOn } from './links.js'
import { majorityMutations } from './majority-mutations.js'
import { mutations } from './mutations.js'
import type { Mutation } from './mutation.js'
import { quorumMutations } from './quorum-mutations.js'
import { rulesMutations } from './rules-mutations.js'

/** Defects that a cluster with quorum must not have, each of them caught by a story or by seeds. */
export const soakMutations: Readonly<Record<string, Mutation>> = {
  'a start needs no evidence, whatever its number': {
    decide: unnumbered((world) => decide(allEvicted(world))),
  },
  'a start needs no claim': { decide: unclaimed },
  'a start needs no lease': {
    decide: quorumMutations['the lease is not looked at'] ?? decide,
    unasked: true,
  },
  'a document from before the claim is an answer': { decide: mutations['a claim needs no answer'] ?? decide },
  'status is believed, not the place, whatever the number of the start': {
    decide: unnumbered(mutations['status is believed, not the place'] ?? decide),
  },
  'claims have no precedence': { decide: mutations['claims have no precedence'] ?? decide },
  'the precedence of a claim is computed anew at each look': { decide: on(rankedAnew) },
  'claims never end': { decide: mutations['claims never end'] ?? decide },
  'stale evictions count': { decide: quorumMutations['stale evictions count'] ?? decide },
  'fewer than a majority evict, whatever the number of the start': {
    decide: unnumbered(quorumMutations['fewer than a majority evict'] ?? decide),
  },
  'the lease is longer than the timeout': { timers: { leaseMs: 9000 } },
  'voters evict before the lease is over': { timers: { timeoutMs: 1500 } },
  'a lease counts from when its acknowledgement came': {
    hears: (event, nowMs) => (event.kind === 'acknowledged' ? { ...event, sentMs: nowMs } : event),
  },
  'an evicted node is acknowledged': {
    says: (text) => text.replace(/"granted":false,"eviction":"[^"]*"/, '"granted":true,"eviction":null'),
  },
  'evictions are forgotten at a restart': { forgets: (key) => key === 'evictions' },
  'the numbers of starts are forgotten at a restart': { forgets: (key) => key === 'generations' },
  'a number that was claimed before a restart is free after it': {
    born: (world) => {
      const own = ownDocument(world)
      const kept = Object.entries(own.generations ?? {}).map(([service, number]) => [service, number - 1])
      const documents = {
        ...world.documents,
        [world.self]: { ...own, generations: Object.fromEntries(kept) },
      }
      return { ...world, documents }
    },
  },
  'a voter that restarts takes the silent for long dead': {
    born: (world) => ({
      ...world,
      votes: Object.fromEntries(
        Object.entries(world.votes).map(([peer, vote]) => [peer, { ...vote, ackedAtMs: -1e9 }]),
      ),
    }),
  },
  'durations are measured on the wall': { wallClock: true },
  // Nor is anybody waited for who is heard for the first time.
  'there is no boot hold': {
    decide: on((world) => unwaiting(untold(afterHold(world)))),
  },
  'a restarted daemon takes an ended lease for one that lasts': {
    born: (world) => ({
      ...world,
      lease: { ...world.lease, lapsed: false, begun: true, carriedUntilMs: world.nowMs + 8000 },
    }),
  },
  'a goodbye that nobody has heard is believed by the next daemon': { presumes: true },
  'a stop by force waits like any other': { gentle: true },
  'nothing is stopped when the lease is over': {
    decide: (world) => {
      const decision = decide(world)
      return {
        ...decision,
        intents: decision.intents.filter((one) => one.do !== 'act' || one.forced !== true),
      }
    },
  },
  'there is neither guard nor watchdog': { unguarded: true },
  'there is no guard where nothing resets a machine': { unguarded: true },
  'what the guard cannot end is not answered with a reset': { unreset: true },
  'the watchdog is fed for longer than the timeout allows': { fedForMs: 4000 },
  'nothing is looked at again just before a step': { unasked: true },
  'a lapse is over before everything is stopped': { decide: unlatched },
  'an eviction ends with the next beat, whatever it says': { hears: anyBeatEndsIt },
  'a node that hears nobody is helped to a lease': {
    hears: (event) =>
      event.kind === 'beat' && event.pledge !== null
        ? { ...event, pledge: { ...event.pledge, hasLease: true } }
        : event,
  },
  'a stop under way is overlooked': { decide: on(unstopped) },
  'nobody passes documents on': { says: (text, from) => (isPassedOn(text, from) ? null : text) },
  ...rulesMutations,
  ...Object.fromEntries(
    Object.entries({ ...evidenceMutations, ...majorityMutations }).map(([name, rules]) => [
      name,
      { decide: rules },
    ]),
  ),
}

/** As if each stop that operators have asked for were over. */
function unstopped(world: World): World {
  const end = { how: 'met', why: 'it is overlooked' } as const
  const registers = Object.entries(world.registers).map(([key, one]): [string, RegisterEntry] =>
    one.kind === 'target' && one.value.target.kind === 'stopped'
      ? [key, { ...one, value: { ...one.value, end } }]
      : [key, one],
  )
  return { ...world, registers: Object.fromEntries(registers) }
}

/** As if a boot hold had ended. */
const afterHold = (world: World): World =>
  world.boot.phase === 'holding' ? { ...world, boot: { phase: 'done' } } : world

/** As if each other node were evicted for whatever this node claims, by everybody. */
function allEvicted(world: World): World {
  const own = world.documents[world.self]
  if (own === undefined) return world
  const claims = Object.entries(own.instances).flatMap(([service, { place }]) =>
    place.kind === 'claimed'
      ? [{ node: world.self, incarnation: own.incarnation, service, since: place.since }]
      : [],
  )
  const eviction = { id: 'none', claims }
  const evictions = Object.fromEntries(votersOf(world.cluster).map((voter) => [voter, eviction]))
  const documents = Object.fromEntries(
    Object.entries(world.documents).map(([node, document]) => [
      node,
      // Its own evictions would be taken for decisions of its own.
      node === world.self ? document : { ...document, evictions },
    ]),
  )
  return { ...world, documents }
}

/** By a load that changes from one moment to the next, while the others go by what this node has told them. */
function rankedAnew(world: World): World {
  const own = world.documents[world.self]
  if (own === undefined) return world
  const rank = Math.floor(world.nowMs / 13) % 3
  const changed = instancesOf(own, (instance) =>
    instance.place.kind === 'claimed'
      ? { ...instance, place: { ...instance.place, precedence: { ...instance.place.precedence, rank } } }
      : instance,
  )
  return { ...world, documents: { ...world.documents, [world.self]: changed } }
}

/** A lease that is over begins anew with the next acknowledgements, whatever is still held. */
function unlatched(world: World): ReturnType<typeof decide> {
  if (!isLapsed(world)) return decide(world)
  return {
    intents: [{ do: 'end lapse', why: 'it is over' }],
    notes: {},
    wakeAtMs: null,
    servicesWakeAtMs: null,
  }
}

function anyBeatEndsIt(event: Event, _: number, world: World): Event {
  if (event.kind !== 'beat' || event.pledge === null) return event
  const id = evictionOf(world, event.peer)?.id
  if (id === undefined) return event
  const names = { ...event.pledge.names, [world.self]: id }
  return { ...event, pledge: { ...event.pledge, clean: true, names } }
}

/** Where a claim would be written, the start begins. */
function unclaimed(world: World): ReturnType<typeof decide> {
  const decision = decide(world)
  const intents = decision.intents.map((intent): Intent => {
    if (intent.do !== 'claim') return intent
    return act(intent.service, 'start', intent.why, { generation: intent.generation })
  })
  return { ...decision, intents }
}
