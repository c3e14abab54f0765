// PURE. Events that come many times a second and change nothing but dates.
import type { Event } from '../../core/event.js'
import { hears, lives } from '../../core/membership.js'
import type { World } from '../../core/world.js'

/**
 * One more beat of a peer that is heard, or one more answer to a beat, only moves dates further away, and the nearest one is awake already.
 * `before` is the world before it; `reduced` the one after it, at its moment.
 */
export function isOneMore(event: Event, before: World, reduced: World): boolean {
  if (!movesDates(event, before, reduced.nowMs)) return false
  return reduced.documents === before.documents && sameLease(reduced, before) && sameVotes(reduced, before)
}

/** Is it a sign of life of a peer that is known to live, or an answer to a beat? */
function movesDates(event: Event, before: World, nowMs: number): boolean {
  if (event.kind === 'beat') return hears({ ...before, nowMs }, event.peer)
  return event.kind === 'pulse' ? lives({ ...before, nowMs }, event.peer) : event.kind === 'acknowledged'
}

export const sameLease = ({ lease: one }: World, { lease: other }: World): boolean =>
  one.begun === other.begun && one.lapsed === other.lapsed

/** Has each peer a lease, by its own word, if it had one before? */
const sameVotes = ({ votes: ones }: World, { votes: others }: World): boolean =>
  ones === others ||
  Object.keys(ones).every((peer) => ones[peer]?.leaselessSinceMs === others[peer]?.leaselessSinceMs)
