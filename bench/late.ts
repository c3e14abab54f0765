// PURE. How well a node hears the others. A path that is not there, or not heard, misses no beat: no figure may say by it that all is well.
import type { PathStatus } from '../src/daemon/api/contract.js'

/** On the worst of these paths, of the last hundred beats; nothing is measured where one of them is silent. */
export function worstLate(kind: string, paths: readonly PathStatus[]): number {
  const { worst, silent } = hearing(kind, paths)
  const [first] = silent
  if (first !== undefined)
    throw new Error(`${first.id} has ${kind} and is ${first.state}: nothing was measured`)
  return worst
}

/** What a node knows of its paths. */
interface Asked {
  readonly by: string
  readonly paths: readonly PathStatus[]
}

interface Heard {
  /** Late or lost of the last hundred beats, on the worst path of all. */
  readonly worst: number
  /** The paths that carry no beats just now, in words. */
  readonly silent: readonly string[]
}

/** How a node is heard by others. */
export function heardOf(node: string, others: readonly Asked[]): Heard {
  const each = others.map(({ by, paths }) => {
    const own = paths.filter(({ peer }) => peer === node)
    const { worst, silent } = hearing(`beats of ${node} at ${by}`, own)
    return { worst, silent: silent.map(({ id, state }) => `${id} at ${by} is ${state}`) }
  })
  return { worst: Math.max(...each.map(({ worst }) => worst)), silent: each.flatMap(({ silent }) => silent) }
}

const ALL = 100

function hearing(
  kind: string,
  paths: readonly PathStatus[],
): { readonly worst: number; readonly silent: readonly PathStatus[] } {
  if (paths.length === 0) throw new Error(`no path has ${kind}: nothing was measured`)
  // What is overdue counts as lost; of a path that was never heard nothing is known, but that none came.
  const shares = paths.map(({ late, loss }) => Math.round(ALL * ((late ?? 0) + (loss ?? 1))))
  const isSilent = ({ state, late, loss }: PathStatus): boolean =>
    state !== 'beating' || late === null || loss === null
  return { worst: Math.max(...shares), silent: paths.filter(isSilent) }
}
