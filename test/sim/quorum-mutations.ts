import { votersOf } from '../../src/core/cluster.js'
import type { NodeDocument } from '../../src/core/document.js'
import type { World } from '../../src/core/world.js'
import { on, seenAll, withDocuments, type Decide } from './belied.js'

/** The rules of leases and evictions, broken, as in `mutations`. */
export const quorumMutations: Readonly<Record<string, Decide>> = {
  'the lease is not looked at': on((world) => ({
    ...world,
    lease: {
      ...world.lease,
      lapsed: false,
      ackedMs: Object.fromEntries(votersOf(world.cluster).map((voter) => [voter, world.nowMs])),
    },
  })),
  'stale evictions count': on((world) => withDocuments(world, (document) => forAnyClaim(world, document))),
  'fewer than a majority evict': on((world) =>
    withDocuments(world, (document) => {
      const own = world.documents[world.self]?.evictions ?? {}
      return { ...document, evictions: { ...own, ...document.evictions } }
    }),
  ),
  'a newer word is not believed': on((world) =>
    withDocuments(world, (document) =>
      Object.values(document.instances).some(({ place }) => place.kind === 'held')
        ? { ...document, seen: {} }
        : document,
    ),
  ),
}

/** As if each eviction had been made for whatever this node claims, by one that has seen that. */
function forAnyClaim(world: World, document: NodeDocument): NodeDocument {
  const own = world.documents[world.self]
  const claims = Object.entries(own?.instances ?? {}).flatMap(([service, { place }]) =>
    place.kind === 'claimed' && own !== undefined
      ? [{ node: world.self, incarnation: own.incarnation, service, since: place.since }]
      : [],
  )
  const evictions = Object.entries(document.evictions).map(([node, { id }]) => [node, { id, claims }])
  const changed = { ...document, evictions: Object.fromEntries(evictions) as NodeDocument['evictions'] }
  return evictions.length === 0 ? document : seenAll(world, changed)
}
