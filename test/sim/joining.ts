import { votersOf, type ClusterConfig, type ClusterNode } from '../../src/core/cluster.js'
import { hears } from '../../src/core/membership.js'
import { compareStamps } from '../../src/core/register.js'
import { ok } from '../../src/core/result.js'
import { ownDocument } from '../../src/core/view.js'
import { forgetCluster } from '../../src/daemon/agent/durable.js'
import { sayLeave } from '../../src/daemon/leave.js'
import { beginningFor, welcomed } from '../../src/daemon/members.js'
import { storeCluster } from '../../src/daemon/stored-cluster.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import type { Cluster } from './cluster.js'
import { textOf } from './configuring.js'
import type { Machine } from './machine.js'
import { configOn, wordsOf, write } from './reconfigure.js'

/** How machines become members, and cease to be some. */

/** A machine becomes a member, by one that is. One that was taken out leaves its former cluster first, with nothing held. */
export function join(cluster: Cluster, name: string, by: string): string {
  const agent = cluster.agentOn(by)
  const machine = cluster.machine(name)
  if (agent === null || !cluster.network.joined(name, by)) return `${by} does not answer`
  const before = configOn(cluster, agent)
  if (votersOf(before).includes(name))
    return machine.member ? `${name} is a member` : takenOut(cluster, agent, name)
  if (!votersOf(before).includes(by)) return `${by} is no member`
  if (machine.store.refuses || machine.clock.isPaused) return `${name} cannot join now`
  if (machine.member && !mayLeave(machine)) return `${name} cannot leave now`
  const role = cluster.options.nodes.includes(name) ? 'nodes' : 'witnesses'
  const more = [...before[role], { name, addresses: [name] }]
  const written = write(cluster, agent, { ...before, [role]: more }, welcomed(agent.world, name))
  if (!written.ok) return wordsOf(written)
  if (machine.member) {
    cluster.killDaemon(name)
    machine.protection?.disarm()
    forgetButWhatIsMade(cluster, machine)
  }
  const { rules, ...beginning } = beginningFor(agent.world)
  const blank = rules === undefined || cluster.options.joinsBlank === true
  storeCluster(machine.store, blank ? beginning : { ...beginning, rules })
  machine.store.keep()
  machine.member = true
  machine.leaving = false
  cluster.startDaemon(name)
  return 'joined'
}

/** An operator has named one again that has left: before it can be let in that has to be undone. */
const takenOut = (cluster: Cluster, agent: Agent, name: string): string =>
  wordsOf(write(cluster, agent, withoutOne(configOn(cluster, agent), name)))

/** A machine says that it leaves, and leaves when the others have agreed: nobody asks it for anything any more. */
export function leave(cluster: Cluster, name: string): string {
  const machine = cluster.machine(name)
  const { daemon } = machine
  if (daemon === null || machine.clock.isPaused) return `${name} has no daemon`
  const { agent, clock } = daemon
  const rest = configOn(cluster, agent).nodes.filter((node) => node.name !== name)
  // One that the others still name may have left, or be about to, and a witness alone is no cluster: where everybody goes there is nobody to let them in again.
  const stays = (node: string): boolean =>
    node !== name && cluster.machine(node).member && !cluster.machine(node).leaving
  if (rest.length === 0 || !cluster.options.nodes.some(stays)) return 'no node would be left'
  // As it was at first it is written nowhere.
  const known = agent.world.registers['cluster/cluster'] !== undefined
  const written = known ? ok(undefined) : write(cluster, agent, configOn(cluster, agent))
  if (!written.ok) return wordsOf(written)
  cluster.wasReconfigured = true
  let answer = 'leaves'
  sayLeave(
    { agent, clock, without: (text) => ok(textOf(withoutOne(JSON.parse(text) as ClusterConfig, name))) },
    (said) => {
      if (!said.ok) answer = said.error.message
      // What became of its daemon meanwhile, became of the leave.
      else if (machine.daemon === daemon)
        cluster.sayFarewell(name, () => {
          // Its next daemon finds that it was taken out, and may leave again.
          if (machine.store.refuses) return
          forgetButWhatIsMade(cluster, machine)
          machine.member = false
        })
    },
  )
  machine.leaving ||= answer === 'leaves'
  return answer
}

function withoutOne(config: ClusterConfig, gone: string): ClusterConfig {
  const others = (nodes: readonly ClusterNode[]): readonly ClusterNode[] =>
    nodes.filter(({ name }) => name !== gone)
  return { ...config, nodes: others(config.nodes), witnesses: others(config.witnesses) }
}

/** Drivers see what is made; here only the memory tells. */
function forgetButWhatIsMade(cluster: Cluster, { name, store }: Machine): void {
  cluster.watchers.forEach((watcher) => watcher.forgot?.(name))
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
  store.keep()
}

/** What runs, or has a place here, keeps a node in its cluster. */
function mayLeave({ daemon, active }: Machine): boolean {
  if (daemon === null || active.size > 0) return false
  const { world } = daemon.agent
  const places = Object.values(ownDocument(world).instances).map(({ place }) => place.kind)
  return places.every((kind) => kind === 'none') && Object.keys(world.actions).length === 0
}

/**
 * Everybody that was taken out, or was never let in, joins at who has the newest configuration and hears all whom it names. One that was off when it was taken out
 * knows nothing of that: nobody talks with it any more, and what was edited there since may be newer.
 */
export function letAllIn(cluster: Cluster): void {
  const all = [...cluster.machines.keys()]
  // What is refused for want of a voter goes when that one is back.
  for (const name of [...all, ...all]) {
    const members = [...cluster.machines.values()].filter(isMemberByItself).toSorted(byNewest)
    const by = members.find(hearsAllMembers) ?? members[0]
    // Who left, and said so to some alone, is off for the others; an operator knows.
    if (by !== undefined && !cluster.machine(name).member) cluster.askNode(by.name, 'confirm-off', name)
    for (let tries = 0; by !== undefined && tries < 2; tries += 1) {
      join(cluster, name, by.name)
      cluster.clock.pass(1000)
    }
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
