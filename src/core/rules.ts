import { majorityOf, votingNodes, type ClusterConfig, type ClusterNode } from './cluster.js'
import { declaredOff } from './membership.js'
import { compareStamps, type Stamp } from './register.js'
import type { World } from './world.js'

/**
 * What leases and votes go by: a part of the cluster's configuration. Two nodes that went by different rules could each have a majority of its own,
 * so a new configuration comes into force *beside* the earlier ones: a majority of each set of voters is needed, the shortest lease and the longest
 * silence count. The earlier ones end where every voter of any of them has said that it goes by the new one. Whoever goes by that one alone then meets it in
 * everybody's, and one majority of it has a voter in common with any other.
 *
 * Two majorities while the voters change: D. Ongaro and J. Ousterhout, "In Search of an Understandable Consensus Algorithm", USENIX ATC 2014, section
 * 6. Here all have to agree, so that nobody has to lead.
 */
export interface Rules {
  readonly quorum: boolean
  /** Nodes, then witnesses. */
  readonly voters: readonly ClusterNode[]
  readonly intervalMs: number
  readonly leaseMs: number
  readonly timeoutMs: number
  readonly stopMaxMs: number
  /** Of the watchdog that resets a node, where there is one. */
  readonly watchdogPeriodMs: number
}

/** What a node says of the rules that it goes by. */
export interface RulesWord {
  /** Stamp of the configuration that `newest` was last found in; null where none is known. */
  readonly version: Stamp | null
  /** What it allowed itself by other rules alone is over. */
  readonly newest: Rules
  /** Others that it goes by besides. */
  readonly earlier: readonly Rules[]
  /** Stamp of the newest configuration that it has, whether it goes by that yet or not. Absent from agents that do not tell. */
  readonly known?: Stamp | null
}

/** Which rules a world goes by; its `cluster` is the newest configuration under all of them. */
export interface RulesInForce {
  /** Stamp of the newest configuration; null where none is known. */
  readonly version: Stamp | null
  /** The stamp with which this node first saw the newest rules. */
  readonly changed: Stamp | null
  /** What the newest configuration itself says; null where there are no earlier rules, and `cluster` says it. */
  readonly newest: Rules | null
  /** Those in force besides, oldest first. */
  readonly earlier: readonly Rules[]
  /** Monotonic milliseconds from which on this node can say that it goes by the newest ones; null where it has. */
  readonly saysAtMs: number | null
}

/** None is in force but those of the newest configuration. */
export const soleRules = (version: Stamp | null, changed = version): RulesInForce => ({
  version,
  changed,
  newest: null,
  earlier: [],
  saysAtMs: null,
})

export function rulesOf(cluster: ClusterConfig): Rules {
  const { quorum, stopMaxMs, heartbeat, watchdog } = cluster
  const { intervalMs, leaseMs, timeoutMs } = heartbeat
  const voters = votingNodes(cluster)
  return { quorum, voters, intervalMs, leaseMs, timeoutMs, stopMaxMs, watchdogPeriodMs: watchdog.periodMs }
}

export const newestRules = ({ rules, cluster }: World): Rules => rules.newest ?? rulesOf(cluster)

/** The newest last. */
export const rulesInForce = (world: World): readonly Rules[] => [...world.rules.earlier, newestRules(world)]

/** In milliseconds: sooner than this no voter takes a silent node for dead, by whichever rules. */
export const shortestTimeoutMs = (world: World): number =>
  Math.min(...voted(rulesInForce(world)).map(({ timeoutMs }) => timeoutMs))

/** Those by which there are votes; where there are none by any, all. */
function voted(rules: readonly Rules[]): readonly Rules[] {
  const some = rules.filter(({ quorum }) => quorum)
  return some.length === 0 ? rules : some
}

/** The configuration with the strictest of these rules: nobody goes on for longer than any of them allows, or takes another for dead sooner. */
export function underAll(cluster: ClusterConfig, rules: readonly Rules[]): ClusterConfig {
  const leases = voted(rules)
  const { heartbeat, watchdog } = cluster
  return {
    ...cluster,
    quorum: rules.some(({ quorum }) => quorum),
    stopMaxMs: Math.min(...leases.map(({ stopMaxMs }) => stopMaxMs)),
    watchdog: { ...watchdog, periodMs: Math.min(...leases.map(({ watchdogPeriodMs }) => watchdogPeriodMs)) },
    heartbeat: {
      ...heartbeat,
      intervalMs: Math.min(...leases.map(({ intervalMs }) => intervalMs)),
      leaseMs: Math.min(...leases.map(({ leaseMs }) => leaseMs)),
      timeoutMs: Math.max(...rules.map(({ timeoutMs }) => timeoutMs)),
    },
  }
}

/** A configuration comes into force beside earlier rules; what is said twice counts once. */
export function inForce(
  newest: ClusterConfig,
  earlier: readonly Rules[],
  o: { readonly version: Stamp | null; readonly changed: Stamp | null; readonly nowMs: number },
): Pick<World, 'cluster' | 'rules'> {
  const own = rulesOf(newest)
  const kept = earlier.filter(
    (rules, i) => ![own, ...earlier.slice(0, i)].some((one) => sameRules(one, rules)),
  )
  // Where nobody votes, and nobody did, there is no majority to keep together.
  const none = [...kept, own].every(({ quorum }) => !quorum)
  if (kept.length === 0 || none) return { cluster: newest, rules: soleRules(o.version, o.changed) }
  const cluster = underAll(newest, [...kept, own])
  // A lease that was begun by earlier rules alone, and what it holds, has ended by then.
  const saysAtMs = o.nowMs + cluster.heartbeat.timeoutMs
  return { cluster, rules: { version: o.version, changed: o.changed, newest: own, earlier: kept, saysAtMs } }
}

/** Addresses are no rule, and the order of voters is none. Asked with every beat: it makes no words to compare. */
export const sameRules = (a: Rules, b: Rules): boolean =>
  a === b ||
  (a.quorum === b.quorum &&
    a.intervalMs === b.intervalMs &&
    a.leaseMs === b.leaseMs &&
    a.timeoutMs === b.timeoutMs &&
    a.stopMaxMs === b.stopMaxMs &&
    a.watchdogPeriodMs === b.watchdogPeriodMs &&
    a.voters.length === b.voters.length &&
    a.voters.every(({ name }) => b.voters.some((other) => other.name === name)))

/** Everybody that has a part in any of the rules, this node included. */
export function parties({ rules, cluster }: World): readonly ClusterNode[] {
  const newest = votingNodes(cluster)
  if (rules.earlier.length === 0) return newest
  const all = [...newest, ...rules.earlier.flatMap(({ voters }) => voters)]
  return all.filter(({ name }, i) => all.findIndex((one) => one.name === name) === i)
}

/** The sets of voters of each of which a majority is needed; none where there is no quorum. */
export function votingSets({ rules, cluster }: World): readonly (readonly ClusterNode[])[] {
  const newest = (rules.newest?.quorum ?? cluster.quorum) ? [votingNodes(cluster)] : []
  if (rules.earlier.length === 0) return newest
  return [...rules.earlier.filter(({ quorum }) => quorum).map(({ voters }) => voters), ...newest]
}

/** Is it a majority of every set of voters? */
export const isMajority = (world: World, isOne: (voter: string) => boolean): boolean =>
  votingSets(world).every((set) => countOf(set, isOne) >= majorityOf(set.length))

export interface Tally {
  readonly votes: number
  readonly voters: number
  readonly needed: number
}

/** Of the set of voters that is furthest from a majority. */
export function tallyOf(world: World, isOne: (voter: string) => boolean): Tally {
  const tallies = votingSets(world).map((set) => {
    const needed = majorityOf(set.length)
    return { votes: countOf(set, isOne), voters: set.length, needed }
  })
  const [furthest] = tallies.toSorted((a, b) => a.votes - a.needed - (b.votes - b.needed))
  return furthest ?? { votes: 0, voters: 0, needed: 0 }
}

const countOf = (set: readonly ClusterNode[], isOne: (voter: string) => boolean): number =>
  set.filter(({ name }) => isOne(name)).length

/** Who has a part in any rules that somebody still keeps, and has not said yet that it goes by the newest. Who is declared off, by an operator or at its leave, is not asked. */
export function unsaid(world: World): readonly string[] {
  const asked = new Set(parties(world).map(({ name }) => name))
  const missing: string[] = []
  // Those that are added on the way are come by too.
  for (const name of asked) {
    if (name === world.self) continue
    const word = world.documents[name]?.rules
    for (const { voters } of word?.earlier ?? []) for (const voter of voters) asked.add(voter.name)
    if (!declaredOff(world, name) && !hasSaid(world, word)) missing.push(name)
  }
  return missing.sort()
}

const hasSaid = (world: World, word: RulesWord | undefined): boolean =>
  word !== undefined &&
  sameRules(word.newest, newestRules(world)) &&
  !older(word.version, world.rules.changed)

/** What is unknown is older than anything. */
export const older = (a: Stamp | null, b: Stamp | null): boolean =>
  b !== null && (a === null || compareStamps(a, b) < 0)

/**
 * Does the peer go by no rules that hold here? It was declared off, so that nobody waited for its word, and has not heard of the change: it is not acknowledged,
 * and its own acknowledgements and evictions count for nothing, until it has said that it goes by these too.
 */
export function isBehind(world: World, peer: string): boolean {
  const word = world.documents[peer]?.rules
  if (word === undefined) return false
  const theirs = (rules: Rules): boolean =>
    sameRules(word.newest, rules) || word.earlier.some((one) => sameRules(one, rules))
  return !theirs(newestRules(world)) && !world.rules.earlier.some(theirs)
}

/**
 * As if this node also went by whatever these peers say that they go by. Of two configurations that were made apart from each other the one with the newer stamp is
 * told on, so that a node may never hear of rules by which somebody goes alone: those that it asks for their word have heard of them.
 */
export function besideThose(world: World, peers: readonly string[]): World {
  const words = peers.flatMap((peer) => world.documents[peer]?.rules ?? [])
  const known = rulesInForce(world)
  const all = [...known, ...words.flatMap(({ newest, earlier }) => [newest, ...earlier])]
  const more = all.filter(
    (rules, i) => i >= known.length && !all.slice(0, i).some((one) => sameRules(one, rules)),
  )
  if (more.length === 0) return world
  const earlier = [...world.rules.earlier, ...more]
  return { ...world, rules: { ...world.rules, newest: newestRules(world), earlier } }
}
