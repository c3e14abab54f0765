import type { ClusterConfig } from '../../core/cluster.js'
import type { Load, NodeDocument } from '../../core/document.js'
import { generationsAtBirth } from '../../core/generations.js'
import { promisesKept } from '../../core/promises.js'
import { peersAwaited } from '../../core/reduce/rules.js'
import { noLease, type Lease } from '../../core/lease.js'
import { inForce, rulesOf, sameRules, type RulesWord } from '../../core/rules.js'
import type { Link, World } from '../../core/world.js'
import type { Clock, Store, Sys } from '../ports.js'
import { incarnationKey, letInKey, localFrom, memoryChanges } from './durable.js'
import { farewellKey } from './farewell.js'
import { writtenByKey, type Remembered } from './remembered.js'

export interface Birth {
  readonly store: Store
  /** What the store remembers. */
  readonly kept: Remembered
  readonly clock: Clock
  readonly sys: Sys
  readonly self: string
  readonly cluster: ClusterConfig
  readonly load: Load
  readonly version: string
  /** Monotonic milliseconds: the end of the lease as an earlier daemon on this node left it; null where nothing is known of one. */
  readonly leaseEndsMs: number | null
}

/** The world at the start of a daemon: what the store remembers, a new incarnation, and nothing known of the node's resources yet. */
export function birth(o: Birth): World {
  const { store, kept, clock, sys, self } = o
  const sameBoot = store.get('boot') === sys.bootId
  const farewellHeard = store.get(farewellKey) === sys.bootId
  const incarnation = kept.incarnation + 1
  store.putAll([
    { key: incarnationKey, value: String(incarnation) },
    { key: writtenByKey, value: o.version },
    { key: letInKey, value: null },
  ])
  const ruled = rulesAtBirth(o)
  const names = new Set([
    ...Object.keys(kept.memories),
    ...Object.values(kept.registers)
      .filter((entry) => entry.kind === 'config')
      .map((entry) => entry.name),
  ])
  const local = Object.fromEntries([...names].map((name) => [name, localFrom(kept.memories[name], sameBoot)]))
  const memories = Object.fromEntries(
    Object.entries(kept.memories).map(([name, memory]) => [
      name,
      sameBoot ? memory : { ...memory, started: false },
    ]),
  )
  const world: World = {
    nowMs: clock.nowMs(),
    wallMs: clock.wallMs(),
    random: 0,
    self,
    ...ruled,
    boot: { phase: 'probing' },
    services: {},
    registers: kept.registers,
    documents: { ...kept.peers, [self]: firstDocument(o, incarnation, wordAtBirth(ruled)) },
    links: {},
    lease: firstLease(o, ruled.cluster, farewellHeard),
    votes: {},
    fences: {},
    actions: {},
    orders: {},
    local,
    memories,
    ...(kept.letIn && { letIn: true as const }),
    leaving: false,
  }
  // What a boot has made of it is known to the next daemon too, however soon this one dies.
  if (!sameBoot) store.putAll([{ key: 'boot', value: sys.bootId }, ...memoryChanges(null, world)])
  return leavesRemembered(peersAwaited(world, true))
}

/** Who had left may have begun anew while this node heard nothing. */
function leavesRemembered(world: World): World {
  const links = Object.entries(world.links).map(([peer, link]): [string, Link] => {
    const document = world.documents[peer]
    return [peer, document?.state === 'left' ? { ...link, leftBefore: document.incarnation } : link]
  })
  return { ...world, links: Object.fromEntries(links) }
}

type Ruled = Pick<World, 'cluster' | 'rules'>

/** What was said of the newest rules holds over a restart. */
function rulesAtBirth({ cluster, clock, kept: { registers, rules: kept } }: Birth): Ruled {
  const version = registers['cluster/cluster']?.stamp ?? null
  const last = kept.all.at(-1)
  const known = last !== undefined && sameRules(last, rulesOf(cluster))
  const changed = known ? kept.changed : version
  const ruled = inForce(cluster, kept.all, { version, changed, nowMs: clock.nowMs() })
  return known && kept.said ? { ...ruled, rules: { ...ruled.rules, saysAtMs: null } } : ruled
}

/** Until it says that it goes by the newest rules it says of the oldest that it may. */
function wordAtBirth({ cluster, rules }: Ruled): RulesWord {
  const { version, earlier, newest, saysAtMs } = rules
  const known = version
  if (saysAtMs === null) return { version, newest: newest ?? rulesOf(cluster), earlier, known }
  const [oldest = rulesOf(cluster), ...others] = earlier
  return { version: null, newest: oldest, earlier: others, known }
}

/**
 * What is found running may go on while an earlier daemon's lease lasts, or where a majority had heard that daemon's farewell: those voters count
 * this node's silence from its return only, however long the first look takes. Otherwise it is stopped before anything else.
 */
function firstLease({ clock, leaseEndsMs }: Birth, cluster: ClusterConfig, farewellHeard: boolean): Lease {
  const nowMs = clock.nowMs()
  const fresh = noLease(nowMs)
  if (!cluster.quorum) return fresh
  const endsMs = farewellHeard ? Infinity : leaseEndsMs
  if (endsMs !== null && endsMs > nowMs) return { ...fresh, begun: true, carriedUntilMs: endsMs }
  return { ...fresh, begun: true, lapsed: true }
}

function firstDocument(
  { self, sys, clock, load, version, kept }: Birth,
  incarnation: number,
  rules: RulesWord,
): NodeDocument {
  return {
    node: self,
    machineId: sys.machineId,
    bootId: sys.bootId,
    agentVersion: version,
    state: 'booting',
    startedAtWallMs: clock.wallMs(),
    incarnation,
    generation: 1,
    seen: {},
    hears: [],
    load,
    rules,
    evictions: kept.evictions,
    generations: generationsAtBirth(kept.generations),
    promises: promisesKept(kept.promises),
    ...(kept.rolledBack && { rolledBack: true }),
    instances: {},
  }
}
