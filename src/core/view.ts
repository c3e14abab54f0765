import type { InstanceDocument, MonitorState, NodeDocument, Place } from './document.js'
import { must } from './invariant.js'
import { hears } from './membership.js'
import { compareStamps, type RegisterKey, type Stamp, type TargetValue } from './register.js'
import type { Service } from './service.js'
import { freshLocal, type LocalInstance, type ServiceView, type World } from './world.js'

/** Questions that decisions ask of the world. */

/** The service of that name; throws where there is none. */
export function viewOf(world: World, service: string): ServiceView {
  const view = world.services[service]
  must(view !== undefined, `service ${service} is known`)
  return view
}

/** What this node says of itself. */
export function ownDocument(world: World): NodeDocument {
  const document = world.documents[world.self]
  must(document !== undefined, 'a node has a document of its own')
  return document
}

export function instanceOn(world: World, node: string, service: string): InstanceDocument | null {
  return world.documents[node]?.instances[service] ?? null
}

export function ownInstance(world: World, service: string): InstanceDocument | null {
  return instanceOn(world, world.self, service)
}

export function localOf(world: World, service: string): LocalInstance {
  return world.local[service] ?? freshLocal
}

/** Members of the newest configuration, then former ones that may still hold something. */
export function membersOf(view: ServiceView): readonly string[] {
  const former = view.formerMembers.filter((node) => !view.service.nodes.includes(node))
  return [...view.service.nodes, ...former]
}

export function placeOn(world: World, node: string, service: string): Place | null {
  return instanceOn(world, node, service)?.place ?? null
}

/**
 * Whose answer a claim needs: members, and other nodes whose newest word is that they hold the place. Those were members of a configuration that this node
 * has missed, and are not done stopping; they may have been taken out of the cluster before this node was let in.
 */
export function concerned(world: World, view: ServiceView): readonly string[] {
  const members = membersOf(view)
  const strangers = Object.keys(world.documents).filter(
    (node) => !members.includes(node) && placeOn(world, node, view.service.name)?.kind === 'held',
  )
  return [...members, ...strangers]
}

/** Nodes whose newest word is that they hold the place. */
export function holders(world: World, service: string): readonly string[] {
  return concerned(world, viewOf(world, service)).filter(
    (node) => placeOn(world, node, service)?.kind === 'held',
  )
}

export function isFailed(state: MonitorState): boolean {
  switch (state) {
    case 'start failed':
    case 'stop failed':
    case 'provision failed':
    case 'unprovision failed':
      return true
    case 'idle':
    case 'preparing':
    case 'starting':
    case 'stopping':
    case 'restarting':
    case 'provisioning':
    case 'unprovisioning':
    case 'wait parents':
    case 'wait children':
    case 'wait priors':
      return false
  }
}

/** Nothing is done to it, and nothing has failed: at most it waits for its turn. */
export function isAtRest(state: MonitorState): boolean {
  return state === 'idle' || state === 'wait parents' || state === 'wait children' || state === 'wait priors'
}

/** Up, or without anything that could be up; with what its author remembers as a successful start. */
export function isUp(instance: InstanceDocument | null): boolean {
  if (instance === null || !instance.started || instance.place.kind !== 'held') return false
  return instance.avail === 'up' || instance.avail === 'n/a' || instance.avail === 'stdby up'
}

export function isFrozen(world: World, service: string, node: string): boolean {
  return frozenBy(world, service, node) !== null
}

/** What freezes the instance, in words; null where nothing does. */
export function frozenBy(world: World, service: string, node: string): string | null {
  if (freezeValue(world, service)) return `service ${service} is frozen`
  if (freezeValue(world, `${service}@${node}`)) return `the instance on ${node} is frozen`
  if (freezeValue(world, `@${node}`)) return `node ${node} is frozen`
  return null
}

function freezeValue(world: World, name: string): boolean {
  const entry = world.registers[`freeze/${name}`]
  return entry !== undefined && entry.kind === 'freeze' && entry.value
}

/** What operators said that bears on the service, its target state and what freezes it: the stamp of each such register that is known here. */
export function wordsOn(world: World, service: string): Readonly<Record<string, Stamp>> {
  const nodes = world.cluster.nodes.map(({ name }) => name)
  const frozen = [service, ...nodes.flatMap((node) => [`${service}@${node}`, `@${node}`])]
  const keys: readonly RegisterKey[] = [
    `target/${service}`,
    ...frozen.map((name) => `freeze/${name}` as const),
  ]
  const words: Record<string, Stamp> = {}
  for (const key of keys) {
    const entry = world.registers[key]
    if (entry !== undefined) words[key] = entry.stamp
  }
  return words
}

/** The target state that is set and has not ended. */
export function targetOf(world: World, service: string): TargetValue | null {
  const newest = newestTarget(world, service)
  return newest === null || newest.end !== null ? null : newest
}

export function newestTarget(world: World, service: string): TargetValue | null {
  const entry = world.registers[`target/${service}`]
  return entry !== undefined && entry.kind === 'target' ? entry.value : null
}

/** First member that is heard: the one that ends target states, so that one node does it. */
export function steward(world: World, service: Service): string | null {
  return service.nodes.find((node) => hears(world, node) && ready(world, node)) ?? null
}

/** Has the node's daemon finished its first look, and is it not leaving? */
export function ready(world: World, node: string): boolean {
  const state = world.documents[node]?.state
  return state === 'idle' || state === 'draining'
}

/** Newest stamp of all registers: what the next write must exceed. */
export function newestStamp(world: World): Stamp | null {
  let newest: Stamp | null = null
  for (const { stamp } of Object.values(world.registers)) {
    if (newest === null || compareStamps(stamp, newest) > 0) newest = stamp
  }
  return newest
}

export function isMember(world: World, service: Service): boolean {
  return service.nodes.includes(world.self)
}
