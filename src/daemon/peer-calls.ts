import { votersOf, votingNodes } from '../core/cluster.js'
import { hears } from '../core/membership.js'
import { fail, type Result } from '../core/result.js'
import type { Trust } from './adapters/https-client.js'
import type { Certificates } from './certificates/stored.js'
import type { ClusterRoom } from './cluster-room.js'
import { materialOf } from './doors.js'
import { askPeer, followPeer } from './peer-api.js'

/** A node in its cluster, as it shows itself to the others. */
export interface Member {
  readonly room: ClusterRoom
  readonly certificates: Certificates
}

/** Asks another member's API, on each of its addresses in turn, those first on which it is heard. */
export async function askMember<T>(
  { room, certificates }: Member,
  node: string,
  path: string,
): Promise<Result<T>> {
  const { world } = room.agent
  const names = votersOf(world.cluster)
  if (!names.includes(node)) {
    return fail('UNKNOWN', `the cluster has no node ${node}: its nodes are ${names.join(', ')}`)
  }
  if (!hears(world, node)) {
    return fail('UNAVAILABLE', `${node} is not heard: ask there, once it is up and its omd runs`)
  }
  let last: Result<T> = fail('UNAVAILABLE', `${node} has no address`)
  const { port } = world.cluster
  for (const address of addressesOf(room, node)) {
    last = await askPeer<T>({ address, port, path, trust: trustIn(node, room, certificates) })
    if (last.ok || last.error.code !== 'UNAVAILABLE') return last
  }
  return last
}

/** Follows another member's event stream. The value ends it. */
export function followMember(
  { room, certificates }: Member,
  node: string,
  path: string,
  onEvent: (json: string) => void,
): () => void {
  const address = addressesOf(room, node)[0]
  if (address === undefined) return () => undefined
  const { port } = room.agent.world.cluster
  return followPeer(
    { address, port, path, trust: trustIn(node, room, certificates) },
    onEvent,
    () => undefined,
  )
}

function trustIn(node: string, room: ClusterRoom, certificates: Certificates): Trust {
  return { kind: 'member', node, material: materialOf(certificates, room.agent.world.cluster.id) }
}

function addressesOf(room: ClusterRoom, node: string): readonly string[] {
  const heard = room.peering.pathViews
    .filter((path) => path.section === null && path.peer === node && path.heardAtMs !== null)
    .sort((a, b) => (b.heardAtMs ?? 0) - (a.heardAtMs ?? 0))
  const all = votingNodes(room.agent.world.cluster).find(({ name }) => name === node)?.addresses ?? []
  const live = all.filter((address) => heard.some((path) => path.address.includes(address)))
  return [...new Set([...live, ...all])]
}
