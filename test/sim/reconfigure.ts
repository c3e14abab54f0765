import type { ClusterConfig } from '../../src/core/cluster.js'
import type { RegisterWrite } from '../../src/core/register.js'
import type { Result } from '../../src/core/result.js'
import { oneMoreChange } from '../../src/core/rules.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import { beginningFor, welcomed } from '../../src/daemon/members.js'
import { storeCluster } from '../../src/daemon/stored-cluster.js'
import type { Cluster } from './cluster.js'
import { clusterOf, textOf } from './configuring.js'
import { configOf, LONG_MS, type Times } from './options.js'

/** What operators do to the cluster's own configuration, on a machine; each says what they are answered. */

/** The cluster gets these members alone, of those that were let in, and these times; all else is as at first. */
export function reconfigure(
  cluster: Cluster,
  name: string,
  o: { readonly members: readonly string[]; readonly times: Times },
): string {
  const agent = cluster.agentOn(name)
  if (agent === null) return `${name} has no daemon`
  const among = (names: readonly string[] = []): readonly string[] =>
    names.filter((one) => o.members.includes(one) && cluster.members.includes(one))
  const { options } = cluster
  const next = configOf({
    ...options,
    nodes: among(options.nodes),
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

/** A machine becomes a member, by one that is. */
export function join(cluster: Cluster, name: string, by: string): string {
  const agent = cluster.agentOn(by)
  const machine = cluster.machine(name)
  if (agent === null || !cluster.network.joined(name, by)) return `${by} does not answer`
  if (cluster.isMember(machine)) return `${name} is a member`
  if (machine.store.refuses || machine.clock.isPaused) return `${name} cannot join now`
  const before = configOn(cluster, agent)
  const nodes = [...before.nodes, { name, addresses: [name] }]
  const written = write(cluster, agent, { ...before, nodes }, welcomed(agent.world, name))
  if (!written.ok) return wordsOf(written)
  storeCluster(machine.store, beginningFor(agent.world))
  cluster.startDaemon(name)
  return 'joined'
}

const configOn = ({ options }: Cluster, { world }: Agent): ClusterConfig =>
  clusterOf(world.registers['cluster/cluster']) ?? configOf(options)

function write(
  cluster: Cluster,
  agent: Agent,
  next: ClusterConfig,
  more: readonly RegisterWrite[] = [],
): Result<void> {
  const possible = oneMoreChange(agent.world, next)
  if (!possible.ok) return possible
  const value = { text: textOf(next), author: 'test' }
  cluster.wasReconfigured = true
  return agent.write([{ kind: 'cluster', name: 'cluster', value }, ...more])
}

const wordsOf = (written: Result<void>): string => (written.ok ? 'reconfigured' : written.error.message)
