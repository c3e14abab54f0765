import { atLeast, type DocumentVersion } from './document.js'
import { hasLease } from './lease.js'
import { isBehind, isMajority } from './rules.js'
import type { World } from './world.js'

/** What a peer has of every node's documents, by its own word. */
export type Having = Readonly<Record<string, DocumentVersion>>

/**
 * Does a majority of voters, this node among them, know by the document `said` that this daemon stops with services up, so that none of it takes the silence that follows for
 * evidence? One that has evicted this node before it heard counts against it. Without quorum nobody is waited for.
 */
export function farewellHeard(
  world: World,
  said: DocumentVersion,
  having: Readonly<Record<string, Having>>,
): boolean {
  if (!world.cluster.quorum) return true
  if (!hasLease(world)) return false
  return isMajority(world, (voter) => voter === world.self || knows(world, said, voter, having[voter]))
}

/** Its newest document is here, and evicts nobody that was not evicted when it was told. */
function knows(world: World, said: DocumentVersion, voter: string, has: Having | undefined): boolean {
  const document = world.documents[voter]
  const own = has?.[voter]
  if (document === undefined || own === undefined || !atLeast(document, own)) return false
  const known = has?.[world.self]
  // One of another incarnation is of another life, however high: a store was lost.
  if (known?.incarnation !== said.incarnation || known.generation < said.generation) return false
  return document.evictions[world.self] === undefined && !isBehind(world, voter)
}
