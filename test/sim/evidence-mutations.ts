import { votersOf } from '../../src/core/cluster.js'
import { decide } from '../../src/core/decide/index.js'
import { declaredOff } from '../../src/core/membership.js'
import type { NodeDocument } from '../../src/core/document.js'
import { hears, isFenced, silent } from '../../src/core/membership.js'
import { membersOf, ownDocument } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import { instancesOf, on, seenAll, unnumbered, withDocuments, withInstances, type Decide } from './belied.js'

/** The rules of what stands in for an answer, broken, as in `mutations`. */
export const evidenceMutations: Readonly<Record<string, Decide>> = {
  'who has left is gone for good': on((world) =>
    withDocuments(world, (document) => (document.state === 'left' ? answering(world, document) : document)),
  ),
  'who was powered off is off for good': on((world) =>
    withDocuments(world, (document) =>
      isFenced(world, document.node) ? answering(world, document) : document,
    ),
  ),
  'who was declared off is off for good': on((world) =>
    withDocuments(world, (document) =>
      silent(world, document.node) && declaredOff(world, document.node)
        ? answering(world, document)
        : document,
    ),
  ),
  'the number of a start is forgotten with its place': on((world) => {
    const untold = Object.entries(world.documents).map(
      ([node, document]) => [node, { ...document, generations: {} }] as const,
    )
    return { ...world, documents: Object.fromEntries(untold) }
  }),
  'voters speak of a member without having seen the claim': on((world) =>
    withWitnesses(world, (document) => seenAll(world, document)),
  ),
  'voters who know of a newer start of a member agree': on((world) =>
    withWitnesses(world, (document) => ({ ...document, seen: aboutSelf(world, document) })),
  ),
  'an answer counts whatever else its author was told': on(untold),
  // Answers hold a node back as well: without that, what it knows at its return has to.
  'who has left needs no witness for what was said since': (world) =>
    decide(
      world.boot.phase === 'holding' && allHere(world)
        ? { ...untold(world), boot: { phase: 'done' } }
        : untold(world),
    ),
  'who was cut off acts before it knows what was said meanwhile': on((world) => unwaiting(untold(world))),
  'who is acknowledged acts before it hears anybody': (world) => hearingAll(untold(world)),
  'an answer to a former start of the daemon is one, whatever the number of that': unnumbered(
    on((world) =>
      withDocuments(world, (document) => {
        const own = world.documents[world.self]
        const seen = document.seen[world.self]
        if (own === undefined || seen === undefined) return document
        return {
          ...document,
          seen: { ...document.seen, [world.self]: { ...seen, incarnation: own.incarnation } },
        }
      }),
    ),
  ),
  'members of earlier configurations do not count': on((world) =>
    withoutStrangers({
      ...world,
      services: Object.fromEntries(
        Object.entries(world.services).map(([name, view]) => [name, { ...view, formerMembers: [] }]),
      ),
    }),
  ),
  'who holds the place and was never known as a member does not count': on(withoutStrangers),
}

/** As if who is no member by any configuration that was known here held nothing. */
function withoutStrangers(world: World): World {
  return withDocuments(world, (document) => ({
    ...document,
    instances: Object.fromEntries(
      Object.entries(document.instances).filter(([service]) => {
        const view = world.services[service]
        return view !== undefined && membersOf(view).includes(document.node)
      }),
    ),
  }))
}

/** Nothing is held, and everything was seen. */
const answering = (world: World, document: NodeDocument): NodeDocument =>
  instancesOf(seenAll(world, document), (instance) => ({ ...instance, place: { kind: 'none' } }))

function withWitnesses(world: World, change: (document: NodeDocument) => NodeDocument): World {
  const names = new Set(world.cluster.witnesses.map(({ name }) => name))
  return withDocuments(world, (document) => (names.has(document.node) ? change(document) : document))
}

/** What its author has seen of this node, and of nobody else. */
function aboutSelf(world: World, { seen }: NodeDocument): NodeDocument['seen'] {
  const own = seen[world.self]
  return own === undefined ? {} : { [world.self]: own }
}

const allHere = (world: World): boolean =>
  world.cluster.nodes.every(({ name }) => {
    const state = world.documents[name]?.state
    if (name === world.self || state === 'left') return true
    return state !== undefined && hears(world, name) && world.links[name]?.catchingUp !== true
  })

/** As if nobody's answer said how far it was told what operators want. */
export function untold(world: World): World {
  return withInstances(world, (instance) => ({ ...instance, words: {} }))
}

/** As if every peer that is heard had told what it knows. */
export function unwaiting(world: World): World {
  const links = Object.entries(world.links).map(([peer, { heardAtMs, sinceMs }]) => [
    peer,
    { heardAtMs, sinceMs },
  ])
  return { ...world, links: Object.fromEntries(links) as World['links'] }
}

/** As if this node heard everybody; what it says of that is true. */
function hearingAll(world: World): ReturnType<typeof decide> {
  const own = ownDocument(world)
  const all = { ...own, hears: votersOf(world.cluster) }
  const belied = decide({ ...world, documents: { ...world.documents, [world.self]: all } })
  const said = decide(world).intents.filter(({ do: what }) => what === 'hear')
  return { ...belied, intents: [...said, ...belied.intents.filter(({ do: what }) => what !== 'hear')] }
}
