import { parties, rulesInForce, sameRules } from '../../src/core/rules.js'
import { concerned } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import { on, seenAll, withDocuments, type Decide } from './belied.js'

/** What a majority of voters is asked besides its answers, broken part by part. */
export const majorityMutations: Readonly<Record<string, Decide>> = {
  'a claim is weighed by the rules that the claimant has heard of': on(besideNobody),
  'a claim needs nobody to have seen it but those that it concerns': on((world) =>
    withDocuments(world, (document) =>
      isConcerned(world, document.node) ? document : seenAll(world, document),
    ),
  ),
  'a majority by a newer configuration of the cluster counts, a claim is weighed by what the claimant has heard of, and who was taken out is not asked':
    on((world) => besideNobody(unknowing(ofParties(world)))),
  'a majority that has heard more of others than the claimant counts': on((world) =>
    withDocuments(world, (document) => ({
      ...document,
      seen: Object.fromEntries(
        Object.entries(document.seen).filter(([node]) => node === world.self || isConcerned(world, node)),
      ),
    })),
  ),
}

/** As if others went by no rules that this node does not go by. */
export function besideNobody(world: World): World {
  const here = rulesInForce(world)
  return withDocuments(world, (document) => {
    if (document.rules === undefined) return document
    const { newest, earlier } = document.rules
    const shared = [newest, ...earlier].filter((rules) => here.some((one) => sameRules(one, rules)))
    const [first, ...others] = shared
    return first === undefined
      ? document
      : { ...document, rules: { ...document.rules, newest: first, earlier: others } }
  })
}

/** As if nothing was known of those that were taken out of the cluster. */
function ofParties(world: World): World {
  const names = parties(world).map(({ name }) => name)
  const documents = Object.entries(world.documents).filter(([name]) => names.includes(name))
  return { ...world, documents: Object.fromEntries(documents) }
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
