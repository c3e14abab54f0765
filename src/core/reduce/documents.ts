import { atLeast, type NodeDocument } from '../document.js'
import { ownDocument } from '../view.js'
import type { World } from '../world.js'
import { writeOwn } from './own.js'

/** Merges a document, from its author or passed on: the newest version wins. */
export function documentArrived(world: World, document: NodeDocument): World {
  if (document.node === world.self) return continuedAbove(world, document)
  if (!(document.node in world.links)) return world
  const known = world.documents[document.node]
  if (known !== undefined && atLeast(known, document)) return world
  const merged: World = { ...world, documents: { ...world.documents, [document.node]: document } }
  return unansweredClaim(merged, document) ? writeOwn(merged, {}) : merged
}

/** A claim is answered at once, by a document that has seen it. Everything else waits for the next change. */
function unansweredClaim(world: World, document: NodeDocument): boolean {
  const seen = ownDocument(world).seen[document.node]
  return Object.values(document.instances).some(({ place }) => {
    if (place.kind !== 'claimed') return false
    return !atLeast(seen, { incarnation: document.incarnation, generation: place.since })
  })
}

/** Somebody has a newer document of ours than we do: our store was lost or rolled back. We go on above it. */
function continuedAbove(world: World, document: NodeDocument): World {
  const own = ownDocument(world)
  if (document.incarnation <= own.incarnation) return world
  const next = { ...own, incarnation: document.incarnation + 1 }
  return { ...world, documents: { ...world.documents, [world.self]: next } }
}
