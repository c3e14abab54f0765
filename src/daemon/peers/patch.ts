import { isDeepStrictEqual } from 'node:util'
import type { InstanceDocument, NodeDocument } from '../../core/document.js'
import type { Patch } from './wire.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What leads from one generation of a document to a later one. Null between incarnations, and where a field is there no more: such a document goes whole. */
export function diff(old: NodeDocument, next: NodeDocument): Patch | null {
  if (old.node !== next.node || old.incarnation !== next.incarnation) return null
  if (Object.keys(old).some((name) => !Object.hasOwn(next, name))) return null
  return {
    kind: 'patch',
    node: next.node,
    incarnation: next.incarnation,
    from: old.generation,
    to: next.generation,
    set: headChanges(old, next),
    instances: instanceChanges(old.instances, next.instances),
  }
}

/** The document after the patch. Null where the patch was made for another generation: the whole document must be asked for. */
export function apply(document: NodeDocument, patch: Patch): NodeDocument | null {
  const fits =
    document.node === patch.node &&
    document.incarnation === patch.incarnation &&
    document.generation === patch.from
  if (!fits) return null
  const instances: Record<string, InstanceDocument> = { ...document.instances }
  for (const [service, instance] of Object.entries(patch.instances)) {
    if (instance === null) delete instances[service]
    else instances[service] = instance
  }
  const { node, incarnation } = document
  return { ...document, ...patch.set, node, incarnation, generation: patch.to, instances }
}

/** Said in other words, or the same in both. */
const REST: ReadonlySet<string> = new Set(['node', 'incarnation', 'generation', 'instances'])

/** Fields of a later agent's documents, too. */
function headChanges(old: NodeDocument, next: NodeDocument): Patch['set'] {
  const before: Readonly<Record<string, unknown>> = { ...old }
  const changes: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(next)) {
    if (!REST.has(name) && !same(before[name], value)) changes[name] = value
  }
  return changes
}

function instanceChanges(
  old: NodeDocument['instances'],
  next: NodeDocument['instances'],
): Patch['instances'] {
  const changes: Mutable<Patch['instances']> = {}
  for (const [service, instance] of Object.entries(next)) {
    if (!same(old[service], instance)) changes[service] = instance
  }
  for (const service of Object.keys(old)) {
    if (!Object.hasOwn(next, service)) changes[service] = null
  }
  return changes
}

const same = (a: unknown, b: unknown): boolean => a === b || isDeepStrictEqual(a, b)
