import type { DocumentVersion, InstanceDocument, NodeDocument } from '../document.js'
import { generationsKept } from '../generations.js'
import { promisesAfter } from '../promises.js'
import { ownDocument } from '../view.js'
import { freshLocal, type LocalInstance, type World } from '../world.js'

/** Writes this node's own document: one generation on, with what it has seen of everybody. */
export function writeOwn(world: World, change: Partial<NodeDocument>): World {
  const own = ownDocument(world)
  const next: NodeDocument = {
    ...own,
    ...promisesAfter(own, change),
    ...change,
    generation: own.generation + 1,
    seen: seenNow(world),
  }
  return { ...world, documents: { ...world.documents, [world.self]: next } }
}

function seenNow(world: World): Readonly<Record<string, DocumentVersion>> {
  const seen: Record<string, DocumentVersion> = {}
  for (const { node, incarnation, generation } of Object.values(world.documents)) {
    if (node !== world.self) seen[node] = { incarnation, generation }
  }
  return seen
}

/** Writes one own instance; null drops it. Nothing is written where nothing changes. */
export function writeInstance(world: World, service: string, instance: InstanceDocument | null): World {
  return writeInstances(world, { [service]: instance })
}

/** Changes this node's own document, one generation newer; null removes an instance. Nothing changed: the same world. */
export function writeInstances(
  world: World,
  changes: Readonly<Record<string, InstanceDocument | null>>,
): World {
  const instances = { ...ownDocument(world).instances }
  let changed = false
  for (const [service, instance] of Object.entries(changes)) {
    const before = instances[service]
    if (instance === null) {
      if (before === undefined) continue
      delete instances[service]
    } else {
      if (before !== undefined && same(before, instance)) continue
      instances[service] = instance
    }
    changed = true
  }
  return changed ? writeOwn(world, { instances }) : world
}

// Both are written by the same code with the keys in the same order.
const same = (a: InstanceDocument, b: InstanceDocument): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b)

/** What is told on of starts: the higher number counts, and 0 for one that had none. Nothing new: the same world. */
export function generationsKnown(world: World, told: Readonly<Record<string, number>>): World {
  const { generations = {} } = ownDocument(world)
  const higher = Object.entries(told).filter(([service, number]) => number > (generations[service] ?? -1))
  if (higher.length === 0) return world
  const kept = generationsKept(world, { ...generations, ...Object.fromEntries(higher) })
  const isNew = higher.some(([service]) => service in kept)
  return isNew ? writeOwn(world, { generations: kept }) : world
}

/** Changes what this node alone knows of a service. Nothing changed, as mostly after a look: the same world. */
export function writeLocal(world: World, service: string, change: Partial<LocalInstance>): World {
  const known = world.local[service]
  if (known !== undefined && isIn(known, change)) return world
  return { ...world, local: { ...world.local, [service]: { ...freshLocal, ...known, ...change } } }
}

function isIn(known: LocalInstance, change: Partial<LocalInstance>): boolean {
  return Object.entries(change).every(([key, value]) => {
    const before = known[key as keyof LocalInstance]
    return before === value || (typeof value === 'object' && JSON.stringify(before) === JSON.stringify(value))
  })
}

/** A record without one key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const rest = { ...record }
  delete rest[key]
  return rest
}
