// PURE. How well a node hears the others over one kind of path.
import type { PathStatus } from '../src/daemon/api/contract.js'

/** On the worst of these paths, of the last hundred beats. A path that is not there, or not heard, misses no beat: nothing is measured by it. */
export function worstLate(kind: string, paths: readonly PathStatus[]): number {
  if (paths.length === 0) throw new Error(`no path has ${kind}: nothing was measured`)
  const shares = paths.map(({ id, state, late, loss }) => {
    if (state !== 'beating' || late === null || loss === null)
      throw new Error(`${id} has ${kind} and is ${state}: nothing was measured`)
    return Math.round(100 * (late + loss))
  })
  return Math.max(...shares)
}
