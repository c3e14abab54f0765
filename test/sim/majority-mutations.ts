import { concerned } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import { on, seenAll, withDocuments, type Decide } from './belied.js'

/** What a majority of voters is asked besides its answers, broken part by part. */
export const majorityMutations: Readonly<Record<string, Decide>> = {
  'a claim needs nobody to have seen it but those that it concerns': on((world) =>
    withDocuments(world, (document) =>
      isConcerned(world, document.node) ? document : seenAll(world, document),
    ),
  ),
  'a majority by a newer configuration of the cluster counts': on(unknowing),
  'a majority that has heard more of others than the claimant counts': on((world) =>
    withDocuments(world, (document) => ({
      ...document,
      seen: Object.fromEntries(
        Object.entries(document.seen).filter(([node]) => node === world.self || isConcerned(world, node)),
      ),
    })),
  ),
}

/** As if nobody said which configuration of the cluster is the newest that it knows. */
export function unknowing(world: World): World {
  return withDocuments(world, (document) => {
    if (document.rules === undefined) return document
    const { known, ...rules } = document.rules
    return known === undefined ? document : { ...document, rules }
  })
}

const isConcerned = (world: World, node: string): boolean =>
  Object.values(world.services).some((view) => concerned(world, view).includes(node))
