import type { Event, Moment, NodeSight } from '../event.js'
import type { Load, NodeState } from '../document.js'
import { boundedGaps, saidAlready } from '../gaps.js'
import { leaseAtReturn } from '../lease.js'
import { hears } from '../membership.js'
import { ownDocument, ownInstance } from '../view.js'
import type { Pledge } from '../voting.js'
import type { World } from '../world.js'
import { awaitedTaken, configured, deleted } from './configuration.js'
import { decided } from './decided.js'
import { documentArrived } from './documents.js'
import { actionEnded, probed, releaseSeen, resourceSeen } from './instances.js'
import { without, writeLocal, writeOwn } from './own.js'
import { registersArrived } from './registers.js'
import { clusterChanged, rulesSaidInTime } from './rules.js'
import { acknowledged, beatCounted, leaseCompared } from './voting.js'

/** The world after an event. Pure: the same world and event give the same world. */
export function reduce(before: World, { nowMs, wallMs, random }: Moment, event: Event): World {
  const world: World = rulesSaidInTime(leaseCompared({ ...before, nowMs, wallMs, random }))
  switch (event.kind) {
    case 'wake':
      return world
    case 'beat':
      return beatArrived(world, event.peer, event.path, event.pledge)
    case 'pulse':
      return pulseArrived(world, event.peer, event.path)
    case 'acknowledged':
      return acknowledged(world, event)
    case 'in step':
      return caughtUp(world, event.peer)
    case 'document':
      return documentArrived(world, event.document)
    case 'registers':
      return registersArrived(world, event.entries)
    case 'configured':
      return configured(world, event.name, event.service, event.problem)
    case 'deleted':
      return deleted(world, event.name)
    case 'cluster':
      return clusterChanged(world, event.cluster, event.version)
    case 'probed':
      return event.probes.reduce(
        (next, { service }) => awaitedTaken(next, service),
        probed(world, event.probes),
      )
    case 'probing ended':
      return probingEnded(world)
    case 'resource seen':
      return resourceSeen(world, event.service, event.rid, event.seen)
    case 'fenced':
      return fenceEnded(world, event.node, event.off, event.detail)
    case 'released':
      return releaseSeen(world, event.service, event.id)
    case 'action ended':
      return awaitedTaken(actionEnded(world, event.service, event.id, event.outcome), event.service)
    case 'addresses checked': {
      const { claim, result, detail } = event
      return writeLocal(world, event.service, { addressCheck: { claim, result, detail, atMs: world.nowMs } })
    }
    case 'ordered':
      return ordered(world, event)
    case 'order dropped':
      return orderDropped(world, event)
    case 'node seen':
      return nodeSeen(world, event.seen)
    case 'leaving':
      return { ...world, leaving: true }
    case 'node state':
      return stateChanged(world, event.state)
    case 'decided':
      return decided(world, event.intent, event.id)
  }
}

const probingEnded = (world: World): World => ({
  ...writeOwn(world, { state: 'idle' }),
  boot: { phase: 'holding', untilMs: world.nowMs + world.cluster.rejoinGraceMs },
  lease: leaseAtReturn(world),
})

const stateChanged = (world: World, state: NodeState): World =>
  ownDocument(world).state === state ? world : writeOwn(world, { state })

const nodeSeen = (world: World, seen: NodeSight): World =>
  'load' in seen ? loadMeasured(world, seen.load) : gapsFound(world, boundedGaps(seen.gaps))

const gapsFound = (world: World, gaps: readonly string[]): World =>
  saidAlready(world, gaps) ? world : writeOwn(world, { gaps })

function beatArrived(world: World, peer: string, path: string, pledge: Pledge | null): World {
  const link = world.links[peer]
  if (link === undefined) return world
  const heardAtMs = { ...link.heardAtMs, [path]: world.nowMs }
  const back = hears(world, peer) ? {} : ({ catchingUp: true, backAtMs: world.nowMs } as const)
  const heard = { ...world, links: { ...world.links, [peer]: { ...link, ...back, heardAtMs } } }
  return pledge === null ? heard : beatCounted(heard, peer, pledge)
}

function pulseArrived(world: World, peer: string, path: string): World {
  const link = world.links[peer]
  if (link === undefined) return world
  const pulsedAtMs = { ...link.pulsedAtMs, [path]: world.nowMs }
  return { ...world, links: { ...world.links, [peer]: { ...link, pulsedAtMs } } }
}

function fenceEnded(world: World, node: string, off: boolean, detail: string): World {
  const state = off ? ('off' as const) : ('failed' as const)
  const incarnation = world.fences[node]?.incarnation ?? world.documents[node]?.incarnation ?? 0
  return { ...world, fences: { ...world.fences, [node]: { state, atMs: world.nowMs, incarnation, detail } } }
}

type EventOf<K extends Event['kind']> = Extract<Event, { kind: K }>

function ordered(world: World, { service, order }: EventOf<'ordered'>): World {
  if (ownInstance(world, service) === null) return world
  return { ...world, orders: { ...world.orders, [service]: order } }
}

function orderDropped(world: World, { service, id }: EventOf<'order dropped'>): World {
  if (world.orders[service]?.id !== id) return world
  return { ...world, orders: without(world.orders, service) }
}

function caughtUp(world: World, peer: string): World {
  const link = world.links[peer]
  if (link === undefined) return world
  const { catchingUp, backAtMs: _, ...rest } = link
  return catchingUp ? { ...world, links: { ...world.links, [peer]: rest } } : world
}

/** Load goes out when it differs enough to be worth a word: a tenth, or a unit. */
function loadMeasured(world: World, load: Load): World {
  const before = ownDocument(world).load
  const near = (a: number, b: number, grain: number): boolean =>
    Math.abs(a - b) <= Math.max(grain, Math.abs(a) * 0.1)
  const same =
    near(before.load15m, load.load15m, 0.5) &&
    near(before.memAvailMb, load.memAvailMb, 256) &&
    near(before.swapAvailMb, load.swapAvailMb, 256) &&
    before.memTotalMb === load.memTotalMb &&
    before.cpus === load.cpus
  return same ? world : writeOwn(world, { load })
}
