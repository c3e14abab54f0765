import { votersOf, type ClusterConfig } from '../../src/core/cluster.js'
import type { RegisterWrite } from '../../src/core/register.js'
import type { Result } from '../../src/core/result.js'
import { oneMoreChange } from '../../src/core/rules-change.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import { hearingAll } from './belied.js'
import type { Cluster } from './cluster.js'
import { clusterOf, textOf } from './configuring.js'
import { configOf, type Times } from './options.js'

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
    times: o.times,
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

export const configOn = ({ options }: Cluster, { world }: Agent): ClusterConfig =>
  clusterOf(world.registers['cluster/cluster']) ?? configOf(options)

/** `welcome`: what is written besides where a node is let in; null where none is. */
export function write(
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

export const wordsOf = (written: Result<void>): string =>
  written.ok ? 'reconfigured' : written.error.message
