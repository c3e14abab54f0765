import type { ClusterNode } from './cluster.js'
import { atLeast, type DocumentVersion } from './document.js'
import type { World } from './world.js'

/**
 * Heartbeat arithmetic. A peer is *heard* by beats that it can be answered on; a *pulse* (on a disk, in a datagram) proves that it lives and no more. It is
 * silent only when every path was silent for the timeout. With quorum pulses are left out of that: a node that no majority acknowledges has
 * no lease, whatever else it is able to write, and its services may go on elsewhere.
 */

/** Monotonic milliseconds at which the peer was last heard on any path, or since when it is awaited. */
export function lastHeardMs(world: World, peer: string): number {
  const link = world.links[peer]
  if (link === undefined) return Number.NEGATIVE_INFINITY
  const heardMs = latest(link.heardAtMs, link.sinceMs)
  return world.cluster.quorum ? heardMs : latest(link.pulsedAtMs, heardMs)
}

/** The latest of these dates, or the other one. Asked of every peer at each look: no list is made. */
function latest(datesMs: Readonly<Record<string, number>> | undefined, orMs: number): number {
  let latestMs = orMs
  for (const path in datesMs) latestMs = Math.max(latestMs, datesMs[path] ?? orMs)
  return latestMs
}

/** Was the node confirmed off, and neither heard since nor heard of as it is after a new start? */
export function isFenced(world: World, node: string): boolean {
  const fence = world.fences[node]
  if (fence?.state !== 'off' || lastHeardMs(world, node) > fence.atMs) return false
  return (world.documents[node]?.incarnation ?? 0) <= fence.incarnation
}

/**
 * The word of an operator, or of the node itself at its leave. It holds for what its author knew then: any newer document of the node
 * voids it, also one that only others have seen.
 */
export function declaredOff(world: World, member: string): boolean {
  const entry = world.registers[`off/${member}`]
  if (entry === undefined || entry.kind !== 'off' || !entry.value.off) return false
  const told = newestTold(world, member)
  return told === undefined || atLeast(entry.value, told)
}

/**
 * By which another machine of the same name is noticed; null where the node was never heard, and where its machine has made room: it was declared off, and
 * one was let in under its name since.
 */
export function machineIdOf(world: World, node: string): string | null {
  const known = world.documents[node]
  const word = world.registers[`off/${node}`]
  if (known === undefined) return null
  return word?.kind === 'off' && !word.value.off && atLeast(word.value, known) ? null : known.machineId
}

/** The newest document of the node that anybody is known to have seen; undefined where nobody has seen one. */
export function newestTold(world: World, node: string): DocumentVersion | undefined {
  let newest: DocumentVersion | undefined = world.documents[node]
  for (const { seen } of Object.values(world.documents)) {
    const told = seen[node]
    if (told !== undefined && !atLeast(newest, told)) newest = told
  }
  return newest
}

/** Was a beat of this peer heard within the timeout, and was it not powered off since? This node reaches itself. */
export function hears(world: World, node: string): boolean {
  if (node === world.self) return true
  if (isFenced(world, node)) return false
  const link = world.links[node]
  if (link === undefined) return false
  return world.nowMs - latest(link.heardAtMs, -Infinity) < world.cluster.heartbeat.timeoutMs
}

/** Does it live, by a beat or a pulse within the timeout? */
export function lives(world: World, node: string): boolean {
  if (hears(world, node)) return true
  return !isFenced(world, node) && pulsing(world, node).length > 0
}

/** Names of the paths on which pulses of the peer arrive, `hb#1`. */
export function pulsing(world: World, node: string): readonly string[] {
  return Object.entries(world.links[node]?.pulsedAtMs ?? {})
    .filter(([, at]) => world.nowMs - at < world.cluster.heartbeat.timeoutMs)
    .map(([path]) => path)
    .sort()
}

/** Silent on every path for the timeout; one that is merely awaited since the daemon's start is not silent yet. */
export function silent(world: World, node: string): boolean {
  if (node === world.self) return false
  if (isFenced(world, node)) return true
  return world.nowMs - lastHeardMs(world, node) >= world.cluster.heartbeat.timeoutMs
}

/** Date at which the peer becomes silent, if no further beat arrives; null where it is already. */
export function silentAtMs(world: World, node: string): number | null {
  if (node === world.self || silent(world, node)) return null
  return lastHeardMs(world, node) + world.cluster.heartbeat.timeoutMs
}

/** Dates at which less is heard of the peer than now, if nothing more arrives. */
export function quieterAtMs(world: World, node: string): readonly number[] {
  const { heardAtMs = {}, pulsedAtMs = {} } = world.links[node] ?? {}
  const pulses = Object.values(pulsedAtMs)
  const ends = pulses.length === 0 ? [] : [Object.values(heardAtMs), pulses].map((all) => Math.max(...all))
  const later = ends.map((at) => at + world.cluster.heartbeat.timeoutMs).filter((at) => at > world.nowMs)
  const silentMs = silentAtMs(world, node)
  return silentMs === null ? later : [silentMs, ...later]
}

/**
 * Nodes that this node hears, itself or by others, and that say that they hear `node`: while there is one, silence here proves nothing.
 */
export function heardBy(world: World, node: string): readonly string[] {
  const reached = new Set(heardPeers(world).filter((peer) => peer !== node))
  const witnesses: string[] = []
  for (const peer of reached) {
    const heard = world.documents[peer]?.hears ?? []
    if (heard.includes(node)) witnesses.push(peer)
    for (const next of heard) if (next !== node && next !== world.self) reached.add(next)
  }
  return witnesses.sort()
}

/**
 * A peer that is heard and began so lately that it may not have heard `node` again: until that date it proves nothing that it does not say that it hears it.
 */
export function justBegun(
  world: World,
  node: string,
): { readonly peer: string; readonly untilMs: number } | null {
  for (const peer of heardPeers(world)) {
    const { begunAtMs } = world.links[peer] ?? {}
    if (peer === node || begunAtMs === undefined) continue
    const untilMs = begunAtMs + world.cluster.heartbeat.timeoutMs
    if (world.nowMs < untilMs) return { peer, untilMs }
  }
  return null
}

/**
 * A peer that is heard again after a silence and has not told yet what was said meanwhile, with the date until which that is waited for: where
 * only one way is mended it never tells.
 */
export function returning(world: World): { readonly peer: string; readonly untilMs: number } | null {
  for (const peer of heardPeers(world)) {
    const { catchingUp, backAtMs } = world.links[peer] ?? {}
    if (catchingUp === undefined || backAtMs === undefined) continue
    const untilMs = backAtMs + world.cluster.heartbeat.timeoutMs
    if (world.nowMs < untilMs) return { peer, untilMs }
  }
  return null
}

/** Peers whose beats arrive, sorted. */
export function heardPeers(world: World): readonly string[] {
  return Object.keys(world.links)
    .filter((peer) => peer !== world.self && hears(world, peer))
    .sort()
}

/**
 * Peers that this node tells others it hears, sorted. Without quorum those whose pulses alone arrive are among them: to a node that hears nothing of
 * them, this one's word is what keeps it from taking them for dead.
 */
export function vouchedFor(world: World): readonly string[] {
  if (world.cluster.quorum) return heardPeers(world)
  return Object.keys(world.links)
    .filter((peer) => peer !== world.self && lives(world, peer))
    .sort()
}

/**
 * Is everybody there: each other member of the cluster is heard and has told what it knows of registers, or has left. Who has left tells
 * nothing of what was said since: then witnesses must have told it.
 */
export function complete(world: World): boolean {
  const { nodes, witnesses } = world.cluster
  const left = ({ name }: ClusterNode): boolean =>
    world.documents[name]?.state === 'left' && !mayBeBack(world, name)
  const asked = nodes.some(left) ? [...nodes.filter((node) => !left(node)), ...witnesses] : nodes
  return asked.every(({ name }) => name === world.self || isThere(world, name))
}

/**
 * Did it leave before this daemon began, so that it may be back, and run what it likes, without this node's having heard of that? With quorum a majority says
 * whether it is; without, it is waited for like any other.
 */
export const mayBeBack = (world: World, node: string): boolean =>
  !world.cluster.quorum &&
  world.documents[node] !== undefined &&
  world.documents[node].incarnation === world.links[node]?.leftBefore

function isThere(world: World, node: string): boolean {
  const state = world.documents[node]?.state
  if (state === undefined || state === 'maintenance' || state === 'left') return false
  return hears(world, node) && world.links[node]?.catchingUp !== true
}
