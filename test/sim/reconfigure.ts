import { votersOf, type ClusterConfig } from '../../src/core/cluster.js'
import { hears } from '../../src/core/membership.js'
import { compareStamps, type RegisterWrite } from '../../src/core/register.js'
import type { Result } from '../../src/core/result.js'
import { oneMoreChange } from '../../src/core/rules-change.js'
import { ownDocument } from '../../src/core/view.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import { forgetCluster } from '../../src/daemon/agent/durable.js'
import { beginningFor, welcomed } from '../../src/daemon/members.js'
import { storeCluster } from '../../src/daemon/stored-cluster.js'
import type { Cluster } from './cluster.js'
import { hearingAll } from './belied.js'
import { clusterOf, textOf } from './configuring.js'
import type { Machine } from './machine.js'
import { configOf, LONG_MS, type Times } from './options.js'

/** What operators do to the cluster's own configuration, on a machine; each says what they are answered. */

/** The cluster gets these members alone, of those that it has, and these times; all else is as at first. */
export function reconfigure(
  cluster: Cluster,
  name: string,
  o: { readonly members: readonly string[]; readonly times: Times },
): string {
  const agent = cluster.agentOn(name)
  if (agent === null) return `${name} has no daemon`
  const has = votersOf(configOn(cluster, agent))
  const among = (names: readonly string[] = []): readonly string[] =>
    names.filter((one) => o.members.includes(one) && has.includes(one))
  const { options } = cluster
  const nodes = among(options.nodes)
  if (nodes.length === 0) return 'no node would be left'
  const next = configOf({
    ...options,
    nodes,
    witnesses: among(options.witnesses),
    joiners: [],
    ...(o.times === 'long' && { timeoutMs: LONG_MS }),
  })
  return wordsOf(write(cluster, agent, next))
}

/** Quorum is switched on or off, and nothing else is changed of what this node knows. */
export function switchQuorum(cluster: Cluster, name: string, quorum: boolean): string {
  const agent = cluster.agentOn(name)
  if (agent === null) return `${name} has no daemon`
  cluster.wasUnprotected ||= !quorum
  return wordsOf(write(cluster, agent, { ...configOn(cluster, agent), quorum }))
}

/** A machine becomes a member, by one that is. One that was taken out leaves its former cluster first, with nothing held. */
export function join(cluster: Cluster, name: string, by: string): string {
  const agent = cluster.agentOn(by)
  const machine = cluster.machine(name)
  if (agent === null || !cluster.network.joined(name, by)) return `${by} does not answer`
  const before = configOn(cluster, agent)
  if (votersOf(before).includes(name)) return `${name} is a member`
  if (!votersOf(before).includes(by)) return `${by} is no member`
  if (machine.store.refuses || machine.clock.isPaused) return `${name} cannot join now`
  if (cluster.isMember(machine) && !mayLeave(machine)) return `${name} cannot leave now`
  const role = cluster.options.nodes.includes(name) ? 'nodes' : 'witnesses'
  const more = [...before[role], { name, addresses: [name] }]
  const written = write(cluster, agent, { ...before, [role]: more }, welcomed(agent.world, name))
  if (!written.ok) return wordsOf(written)
  if (cluster.isMember(machine)) {
    cluster.killDaemon(name)
    machine.protection?.disarm()
    forgetButWhatIsMade(machine)
  }
  const { rules, ...beginning } = beginningFor(agent.world)
  const blank = rules === undefined || cluster.options.joinsBlank === true
  storeCluster(machine.store, blank ? beginning : { ...beginning, rules })
  cluster.startDaemon(name)
  return 'joined'
}

/** Drivers see what is made; here only the memory tells. */
function forgetButWhatIsMade({ store }: Machine): void {
  const instances = store
    .list('instance/')
    .map(({ key, value }) => [key, JSON.parse(value) as object] as const)
  forgetCluster(store)
  const blank = {
    generation: 0,
    started: false,
    monitor: 'idle',
    failure: null,
    doneTarget: null,
    formerMembers: [],
  }
  for (const [key, known] of instances) store.put(key, JSON.stringify({ ...known, ...blank }))
}

/** What runs, or has a place here, keeps a node in its cluster. */
function mayLeave({ daemon, active }: Machine): boolean {
  if (daemon === null || active.size > 0) return false
  const { world } = daemon.agent
  const places = Object.values(ownDocument(world).instances).map(({ place }) => place.kind)
  return places.every((kind) => kind === 'none') && Object.keys(world.actions).length === 0
}

const configOn = ({ options }: Cluster, { world }: Agent): ClusterConfig =>
  clusterOf(world.registers['cluster/cluster']) ?? configOf(options)

/** `welcome`: what is written besides where a node is let in; null where none is. */
function write(
  cluster: Cluster,
  agent: Agent,
  next: ClusterConfig,
  welcome: readonly RegisterWrite[] | null = null,
): Result<void> {
  const world = cluster.options.changesAlone === true ? hearingAll(agent.world) : agent.world
  const possible = oneMoreChange(world, welcome === null ? next : null)
  if (!possible.ok) return possible
  const value = { text: textOf(next), author: 'test' }
  cluster.wasReconfigured = true
  return agent.write([{ kind: 'cluster', name: 'cluster', value }, ...(welcome ?? [])])
}

const wordsOf = (written: Result<void>): string => (written.ok ? 'reconfigured' : written.error.message)

/**
 * Everybody that was taken out, or was never let in, joins at who has the newest configuration and hears all whom it names. One that was off when it was taken out
 * knows nothing of that: nobody talks with it any more, and what was edited there since may be newer.
 */
export function letAllIn(cluster: Cluster): void {
  for (const name of cluster.machines.keys()) {
    const members = [...cluster.machines.values()].filter(isMemberByItself).toSorted(byNewest)
    const by = members.find(hearsAllMembers) ?? members[0]
    if (by !== undefined) join(cluster, name, by.name)
    cluster.clock.pass(1000)
  }

  function isMemberByItself({ name, daemon }: Machine): boolean {
    return daemon !== null && votersOf(configOn(cluster, daemon.agent)).includes(name)
  }

  function hearsAllMembers({ daemon }: Machine): boolean {
    if (daemon === null) return false
    const { agent } = daemon
    return votersOf(configOn(cluster, agent)).every((member) => hears(agent.world, member))
  }
}

function byNewest(a: Machine, b: Machine): number {
  const [mine, other] = [a, b].map(({ daemon }) => daemon?.agent.world.registers['cluster/cluster']?.stamp)
  if (mine === undefined || other === undefined) return mine === other ? 0 : mine === undefined ? 1 : -1
  return compareStamps(other, mine)
}
