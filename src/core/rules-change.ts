import { votersOf, type ClusterConfig } from './cluster.js'
import { hasLease } from './lease.js'
import { declaredOff, heardPeers, hears, machineIdOf } from './membership.js'
import { fail, ok, type Result } from './result.js'
import { besideThose, isBehind, parties, rulesInForce, rulesOf, sameRules, unsaid } from './rules.js'
import type { World } from './world.js'

/**
 * May this configuration of the cluster follow? Null: one that lets a node in. By its name alone nobody becomes a member: one that was one before would know rules of
 * its time, and none of those between, by which others may go alone. Who joins gets those of the member that lets it in. A member may undo what not everybody
 * has agreed to yet: the rules with those that are named again were never left.
 */
export function oneMoreChange(world: World, next: ClusterConfig | null): Result<void> {
  const added = next === null ? [] : strangersIn(world, next)
  if (added.length > 0)
    return fail('CONFLICT', `${added.join(', ')} cannot become a member by being named: ${joinWords}`)
  const obstacle = leavesRules(world, next) ? changeObstacle(world) : null
  return obstacle === null ? ok(undefined) : fail('CONFLICT', obstacle)
}

/** May this machine become a member by that name? One may have the name of a machine that was taken out, and declared off. */
export function mayJoin(world: World, node: string, machineId: string): Result<void> {
  const known = machineIdOf(world, node)
  const isGone = declaredOff(world, node) && !parties(world).some(({ name }) => name === node)
  if (node !== world.self && (known === null || known === machineId || isGone))
    return oneMoreChange(world, null)
  return fail(
    'CONFLICT',
    `the cluster knows ${node} as another machine: give this one another name, or let the old one leave first; if that is gone for good take it out of cluster.nodes, and run: om node confirm-off ${node}`,
  )
}

function strangersIn(world: World, next: ClusterConfig): readonly string[] {
  const members = votersOf(world.cluster)
  const back = members.includes(world.self) ? parties(world).map(({ name }) => name) : []
  return votersOf(next).filter((name) => !members.includes(name) && !back.includes(name))
}

/** Are its rules none that are in force? Going back to some that are is always possible: those were never left. */
function leavesRules(world: World, next: ClusterConfig | null): boolean {
  if (next === null) return true
  const own = rulesOf(next)
  return !rulesInForce(world).some((rules) => sameRules(rules, own))
}

/** So many former rules are kept: more than an operator makes in a repair, and still few to count votes by with each beat. */
const mostEarlier = 8

/** What keeps other rules from being made here, with what to do; null where nothing does. Two sides of a cut could each make their own: one that has no majority makes none. */
export function changeObstacle(world: World): string | null {
  if (!rulesInForce(world).some(({ quorum }) => quorum)) return null
  if (world.rules.earlier.length >= mostEarlier)
    return `no further change before everybody has the last ${mostEarlier}: ${unsaidWords(world) ?? 'wait until they have'}`
  // Those that are heard may have agreed to rules that were never heard of here: it takes a majority by these, too.
  const strict = besideThose(
    world,
    heardPeers(world).filter((peer) => !isBehind(world, peer)),
  )
  const silent = parties(strict)
    .map(({ name }) => name)
    .filter((name) => !hears(world, name) && !declaredOff(world, name))
  if (silent.length === 0 || hasLease(strict)) return null
  const are = `${silent.join(', ')} ${silent.length === 1 ? 'is' : 'are'} silent`
  return `members, quorum and times of the cluster are changed where a majority is, and ${are}: ${remedy(silent)}`
}

const remedy = ([first, ...more]: readonly string[]): string =>
  more.length === 0
    ? `bring it back, or if it is off run: om node confirm-off ${first}`
    : 'bring them back, or for each that is off run: om node confirm-off NODE'

const joinWords =
  "run 'om cluster token' here, and with what it prints 'om cluster join' there, where it belongs to a cluster already behind 'om cluster leave'"

/** What keeps earlier rules in force, and what can be done about it; null where nothing does, or only the time that it takes. */
export function unsaidWords(world: World): string | null {
  const { earlier, saysAtMs } = world.rules
  if (earlier.length === 0 || saysAtMs !== null) return null
  const [first, ...more] = unsaid(world)
  if (first === undefined) return null
  const heard = [first, ...more].filter((name) => hears(world, name))
  const held =
    'the votes and times of the cluster were changed, and the former ones hold beside the new ones until'
  if (heard.length > 0) {
    const theirs = heard.length === 1 ? `${first} is heard and has` : `${heard.join(', ')} are heard and have`
    return `${held} everybody has them: ${theirs} not taken them yet; see the log there`
  }
  const missing = [first, ...more]
  return `${held} ${missing.join(', ')} ${more.length === 0 ? 'has' : 'have'} them too: ${remedy(missing)}`
}
