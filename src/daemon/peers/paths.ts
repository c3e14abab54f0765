import type { ClusterNode } from '../../core/cluster.js'
import type { PeerPath } from '../ports.js'

/**
 * Every heartbeat path of a node, by peer and then by address, as configured: of two nodes the one with the smaller name dials each
 * address of the other one. The id of a path is `node1>node2@ADDRESS` on both sides.
 */
export function pathsOf(self: string, nodes: readonly ClusterNode[]): readonly PeerPath[] {
  const own = nodes.find(({ name }) => name === self)?.addresses ?? []
  return nodes
    .filter(({ name }) => name !== self)
    .flatMap(({ name, addresses }) => {
      const [dialling, dialled] = self < name ? [self, name] : [name, self]
      return (self < name ? addresses : own).map((address) => ({
        id: `${dialling}>${dialled}@${address}`,
        peer: name,
        address,
      }))
    })
}

/** Is it for this node to connect the path, or for its peer? */
export const isDialler = (self: string, path: PeerPath): boolean => self < path.peer
