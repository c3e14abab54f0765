import { votingNodes } from './cluster.js'
import { machineIdOf } from './membership.js'
import type { World } from './world.js'

// Members by the ids of their machines: for people alone, no decision rests on it.

/** Members that say that they are one machine, with what to do. From here one that two share looks like one and its clone: both are said. */
export function sharedMachines(world: World): readonly string[] {
  const { quorum, nodes } = world.cluster
  const sharing = new Map<string, string[]>()
  // A witness that has no vote takes nothing with it.
  for (const { name } of quorum ? votingNodes(world.cluster) : nodes) {
    const id = machineIdOf(world, name)
    if (id !== null) sharing.set(id, [...(sharing.get(id) ?? []), name])
  }
  return [...sharing.values()].filter((names) => names.length > 1).map((names) => shared(world, names))
}

function shared({ cluster }: World, names: readonly string[]): string {
  const isWitness = (name: string): boolean => cluster.witnesses.some((one) => one.name === name)
  const who = names.map((name) => `${isWitness(name) ? 'witness' : 'node'} ${name}`).join(', ')
  const witness = names.find(isWitness)
  const loses = cluster.quorum ? `${names.length} votes` : `${names.length} nodes`
  const moves = witness === undefined ? 'all but one of them' : witness
  return (
    `${who} have the same machine id: where that is one machine its loss takes ${loses} at once, so put ${moves} elsewhere; ` +
    'where one is a clone of the other let it leave the cluster, give it an id of its own (rm /etc/machine-id, then systemd-machine-id-setup), restart its omd, and let it join again'
  )
}
