import { votersOf, type ClusterConfig } from '../cluster.js'
import { noLease, type Lease } from '../lease.js'
import type { Service } from '../service.js'
import { localOf, ownInstance } from '../view.js'
import type { Vote } from '../voting.js'
import type { Link, ServiceView, World } from '../world.js'
import { without, writeInstance } from './own.js'

/** A configuration version is in force, or refused and the last good one stays. */
export function configured(
  world: World,
  name: string,
  service: Service | null,
  problem: string | null,
): World {
  const before = world.services[name]
  if (service === null) {
    if (before === undefined) return world
    return { ...world, services: { ...world.services, [name]: { ...before, problem } } }
  }
  const gone =
    before === undefined ? [] : before.service.nodes.filter((node) => !service.nodes.includes(node))
  const former = [...(before?.formerMembers ?? world.memories[name]?.formerMembers ?? []), ...gone].filter(
    (node) => !service.nodes.includes(node),
  )
  const view: ServiceView = { service, problem, formerMembers: [...new Set(former)] }
  return { ...world, services: { ...world.services, [name]: view } }
}

/** The service's tombstone arrived. What is still held stays in the document until it was released. */
export function deleted(world: World, name: string): World {
  const place = ownInstance(world, name)?.place
  const next = {
    ...world,
    services: without(world.services, name),
    orders: without(world.orders, name),
    memories: without(world.memories, name),
  }
  if (place?.kind === 'held' && !localOf(world, name).released) return next
  return { ...writeInstance(next, name, null), local: without(next.local, name) }
}

/** Members come and go: a new one is awaited from now on. */
export function clusterChanged(world: World, cluster: ClusterConfig): World {
  const links: Record<string, Link> = {}
  const votes: Record<string, Vote> = {}
  for (const name of votersOf(cluster)) {
    if (name === world.self) continue
    links[name] = world.links[name] ?? { heardAtMs: {}, sinceMs: world.nowMs, catchingUp: true }
    votes[name] = world.votes[name] ?? { ackedAtMs: world.nowMs, beat: null, verdict: 'acknowledged' }
  }
  // The last word of one that is gone stays: it says whether what it held was released, and how high its starts were numbered.
  return { ...world, cluster, links, votes, lease: leaseUnder(world, cluster) }
}

/** Where votes are only now asked for, what runs goes on for the time in which nobody can be taken for dead yet. */
function leaseUnder(world: World, cluster: ClusterConfig): Lease {
  if (world.cluster.quorum || !cluster.quorum) return world.lease
  const carriedUntilMs = world.nowMs + cluster.heartbeat.leaseMs
  return { ...noLease(world.nowMs), carriedUntilMs, begun: true }
}

/** A former member has dropped the service. */
export function formerForgotten(world: World, service: string, node: string): World {
  const view = world.services[service]
  if (view === undefined) return world
  const formerMembers = view.formerMembers.filter((name) => name !== node)
  return { ...world, services: { ...world.services, [service]: { ...view, formerMembers } } }
}
