import type { ClusterConfig } from '../cluster.js'
import { leaseEndsMs, noLease, type Lease } from '../lease.js'
import type { Stamp } from '../register.js'
import {
  inForce,
  newestRules,
  parties,
  rulesInForce,
  rulesOf,
  sameRules,
  soleRules,
  underAll,
  unsaid,
} from '../rules.js'
import { ownDocument } from '../view.js'
import type { Vote } from '../voting.js'
import type { Link, World } from '../world.js'
import { writeOwn } from './own.js'

/** A configuration of the cluster arrived. Members come and go: a new one is awaited from now on. */
export function clusterChanged(world: World, cluster: ClusterConfig, version: Stamp | null): World {
  const changed = sameRules(newestRules(world), rulesOf(cluster)) ? world.rules.changed : version
  const { nowMs } = world
  const lease = world.cluster.quorum ? { ...world.lease, carriedUntilMs: leaseEndsMs(world) } : world.lease
  const ruled = { ...world, lease, ...inForce(cluster, rulesInForce(world), { version, changed, nowMs }) }
  return rulesSaid(peersAwaited(ruled, world.cluster.quorum))
}

/** Links and votes for everybody that has a part in any of the rules, and none for others. `voted`: there were votes before, too. */
export function peersAwaited(world: World, voted: boolean): World {
  const links: Record<string, Link> = {}
  const votes: Record<string, Vote> = {}
  for (const { name } of parties(world)) {
    if (name === world.self) continue
    links[name] = world.links[name] ?? { heardAtMs: {}, sinceMs: world.nowMs, catchingUp: true }
    const known = world.votes[name] ?? { ackedAtMs: world.nowMs, beat: null, verdict: 'acknowledged' }
    // Nothing was acknowledged while nobody voted: that is no silence.
    votes[name] = voted ? known : { ...known, ackedAtMs: world.nowMs }
  }
  // The last word of one that is gone stays: it says whether what it held was released, and how high its starts were numbered.
  return { ...world, links, votes, lease: leaseUnder(world, voted) }
}

/** Where votes are only now asked for, what runs goes on for the time in which nobody can be taken for dead yet. */
function leaseUnder({ lease, cluster, nowMs }: World, voted: boolean): Lease {
  if (voted || !cluster.quorum) return lease
  return { ...noLease(nowMs), carriedUntilMs: nowMs + cluster.heartbeat.leaseMs, begun: true }
}

/** At its date this node says that it goes by the newest rules. */
export function rulesSaidInTime(world: World): World {
  const { saysAtMs } = world.rules
  if (saysAtMs === null || world.nowMs < saysAtMs) return world
  return rulesAgreed(rulesSaid({ ...world, rules: { ...world.rules, saysAtMs: null } }))
}

function rulesSaid(world: World): World {
  const { version, earlier, saysAtMs } = world.rules
  if (saysAtMs !== null) return world
  const said = ownDocument(world).rules
  const newest = newestRules(world)
  const same = said?.version === version && said.earlier === earlier && sameRules(said.newest, newest)
  return same ? world : writeOwn(world, { rules: { ...said, version, newest, earlier } })
}

/** The own document says at once that there is a newer configuration: who asks for a place by an older one has to get it first. */
export function configurationKnown(world: World, known: Stamp): World {
  const said = ownDocument(world).rules
  return said === undefined ? world : writeOwn(world, { rules: { ...said, known } })
}

/** Once everybody goes by the newest rules, the earlier ones are over. */
export function rulesAgreed(world: World): World {
  const { newest, version, changed, saysAtMs } = world.rules
  if (newest === null || saysAtMs !== null || unsaid(world).length > 0) return world
  const sole = { ...world, cluster: underAll(world.cluster, [newest]), rules: soleRules(version, changed) }
  return rulesSaid(peersAwaited(sole, world.cluster.quorum))
}
