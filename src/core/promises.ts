import type { NodeDocument } from './document.js'

/**
 * How often a node has written to its disk what it promised by its document: whom it evicted, by which rules it goes, of which starts it has heard. Each daemon
 * begins with the number that its store has. One that begins with a lower number than its node has told before has an older store than it had.
 */
export interface Promises {
  /** With this document. */
  readonly made: number
  /** As this daemon began; or so many as others have reminded it of. */
  readonly kept: number
}

/** A daemon that has written none of them yet. */
export const promisesKept = (kept: number): Promises => ({ made: kept, kept })

/** The same number for whatever else is written of the node. */
export function promisesAfter(own: NodeDocument, change: Partial<NodeDocument>): Partial<NodeDocument> {
  const { promises } = own
  if (promises === undefined || !('evictions' in change || 'rules' in change || 'generations' in change))
    return {}
  return { promises: { ...promises, made: promises.made + 1 } }
}

/**
 * Does the first document come from a former daemon that had more on its disk than the one which wrote the second began with? The start of a daemon tells two of them
 * apart, also where both have the same incarnation. An agent that counts nothing is believed.
 */
export const remembersMore = (former: NodeDocument, document: NodeDocument): boolean =>
  document.promises !== undefined &&
  (former.promises?.made ?? 0) > document.promises.kept &&
  former.startedAtWallMs !== document.startedAtWallMs

/** What it says of its store, a predicate of the node; null where nothing is amiss. */
export const storeGap = ({ rolledBack }: Pick<NodeDocument, 'rolledBack'>): string | null =>
  rolledBack === true
    ? 'began with an older store than it had, and may have forgotten what it promised, and what it was told: let it leave the cluster and join again (om cluster leave, om cluster join)'
    : null
