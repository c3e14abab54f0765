import { decide } from '../../src/core/decide/index.js'
import type { InstanceDocument, NodeDocument } from '../../src/core/document.js'
import type { Intent } from '../../src/core/intent.js'
import { ownDocument } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'

/** What decides, broken. */
export type Decide = typeof decide

/** Decisions on a world in which one fact is belied: what code that does not look at that fact would decide. */
export function on(belie: (world: World) => World): Decide {
  return (world) => decide(belie(world))
}

/** Peers' documents, changed. */
export function withDocuments(world: World, change: (document: NodeDocument) => NodeDocument): World {
  const documents = Object.fromEntries(
    Object.entries(world.documents).map(([node, d]) => [node, node === world.self ? d : change(d)]),
  )
  return { ...world, documents }
}

/** Peers' instances, changed. */
export function withInstances(world: World, change: (instance: InstanceDocument) => InstanceDocument): World {
  return withDocuments(world, (document) => instancesOf(document, change))
}

export function instancesOf(
  document: NodeDocument,
  change: (instance: InstanceDocument) => InstanceDocument,
): NodeDocument {
  const instances = Object.entries(document.instances).map(([name, i]) => [name, change(i)] as const)
  return { ...document, instances: Object.fromEntries(instances) }
}

/** These rules, by which a claim is granted whatever the number of other starts and claims: a rule of its own, that hides others' defects. */
export const unnumbered =
  (rules: Decide): Decide =>
  (world) => {
    const own = ownDocument(world)
    const claimed = instancesOf(own, (instance) =>
      instance.place.kind === 'claimed'
        ? { ...instance, place: { ...instance.place, generation: Number.MAX_SAFE_INTEGER } }
        : instance,
    )
    const decision = rules({ ...world, documents: { ...world.documents, [world.self]: claimed } })
    const intents = decision.intents.map((intent): Intent => {
      if (intent.do !== 'act' || intent.generation !== Number.MAX_SAFE_INTEGER) return intent
      const place = own.instances[intent.service]?.place
      return place?.kind === 'claimed' ? { ...intent, generation: place.generation } : intent
    })
    return { ...decision, intents }
  }

/** As if this node heard everybody. */
export function hearingAll(world: World): World {
  const links = Object.entries(world.links).map(([peer, link]) => [
    peer,
    { ...link, heardAtMs: { path: world.nowMs } },
  ])
  return { ...world, links: Object.fromEntries(links) as World['links'] }
}

/** As if its author had seen whatever this node ever said. */
export function seenAll(world: World, document: NodeDocument): NodeDocument {
  const all = { incarnation: Number.MAX_SAFE_INTEGER, generation: 0 }
  return { ...document, seen: { ...document.seen, [world.self]: all } }
}
