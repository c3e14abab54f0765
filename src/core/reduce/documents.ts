import { atLeast, type DocumentVersion, type NodeDocument } from '../document.js'
import { generationsAtBirth, generationsTold } from '../generations.js'
import { remembersMore, type Promises } from '../promises.js'
import { ownDocument } from '../view.js'
import type { World } from '../world.js'
import { generationsKnown, writeOwn } from './own.js'
import { rulesAgreed } from './rules.js'
import { awaited } from './voting.js'

/** Merges a document, from its author or passed on: the newest version wins. */
export function documentArrived(world: World, document: NodeDocument): World {
  if (document.node === world.self) return promisesRecalled(world, document)
  if (!(document.node in world.links)) return world
  const known = world.documents[document.node]
  if (known !== undefined && atLeast(known, document)) return world
  const documents = { ...world.documents, [document.node]: document }
  const stored: World = { ...world, documents, links: linksAfter(world, known, document) }
  const merged = wasAway(known) && !wasAway(document) ? awaited(stored, document.node) : stored
  const own = continuedAbove(generationsKnown(merged, generationsTold(document)), document.seen[world.self])
  const answered = unansweredClaim(own, document) ? writeOwn(own, {}) : own
  return rulesAgreed(answered)
}

/** Whose daemon has begun anew may not have heard others yet, and says of nobody that it hears it. */
function linksAfter(world: World, known: NodeDocument | undefined, document: NodeDocument): World['links'] {
  const link = world.links[document.node]
  if (link === undefined || known === undefined || document.incarnation <= known.incarnation)
    return world.links
  return { ...world.links, [document.node]: { ...link, begunAtMs: world.nowMs } }
}

/** Silence of who left, or stopped its daemon with services up, was no evidence: it begins to be some when that ends. */
const wasAway = (document: NodeDocument | undefined): boolean =>
  document?.state === 'maintenance' || document?.state === 'left'

/** A claim is answered at once, by a document that has seen it. Everything else waits for the next change. */
function unansweredClaim(world: World, document: NodeDocument): boolean {
  const seen = ownDocument(world).seen[document.node]
  return Object.values(document.instances).some(({ place }) => {
    if (place.kind !== 'claimed') return false
    return !atLeast(seen, { incarnation: document.incarnation, generation: place.since })
  })
}

/**
 * Somebody has, or has seen, a newer document of ours than this one: our store was lost or rolled back. We go on above it, or what they saw of
 * the former life would count as an answer to a claim of this one.
 */
function continuedAbove(world: World, told: DocumentVersion | undefined): World {
  const own = ownDocument(world)
  if (told === undefined || atLeast(own, told)) return world
  return withOwn(world, { ...own, ...storeDoubted(world), incarnation: told.incarnation + 1 })
}

/**
 * An earlier word of ours, which others have kept. What this voter promised before its store was rolled back, it keeps: it may have evicted somebody by whom others have
 * started something since.
 */
function promisesRecalled(before: World, told: NodeDocument): World {
  const world = continuedAbove(before, told)
  const own = ownDocument(world)
  if (world === before && !remembersMore(told, own)) return world
  const { promises } = own
  const kept = promises === undefined ? {} : { promises: reminded(promises, told.promises?.made ?? 0) }
  const doubted = withOwn(world, { ...own, ...storeDoubted(world), ...kept })
  const lost = Object.keys(told.evictions).some((peer) => own.evictions[peer] === undefined)
  const evictions = lost ? { evictions: { ...told.evictions, ...own.evictions } } : {}
  return generationsKnown(writeOwn(doubted, evictions), generationsAtBirth(generationsTold(told)))
}

const reminded = ({ made, kept }: Promises, told: number): Promises => ({
  made: Math.max(made, told),
  kept: Math.max(kept, told),
})

/** The store of a node that was just let in is new, or another cluster's, and not older. */
const storeDoubted = (world: World): Pick<NodeDocument, 'rolledBack'> =>
  world.letIn === true || ownDocument(world).promises === undefined ? {} : { rolledBack: true }

const withOwn = (world: World, own: NodeDocument): World => ({
  ...world,
  documents: { ...world.documents, [world.self]: own },
})
