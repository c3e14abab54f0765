import { isDeepStrictEqual } from 'node:util'
import type { InstanceDocument, NodeDocument } from '../../core/document.js'
import { documentHead } from './schema.js'
import type { Patch } from './wire.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What leads from one generation of a document to a later one. Null between incarnations: such a document goes whole. */
export function diff(old: NodeDocument, next: NodeDocument): Patch | null {
  if (old.node !== next.node || old.incarnation !== next.incarnation) return null
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
  return { ...document, ...patch.set, generation: patch.to, instances }
}

const HEAD = Object.keys(documentHead.shape) as readonly (keyof typeof documentHead.shape)[]

function headChanges(old: NodeDocument, next: NodeDocument): Patch['set'] {
  const changes: Record<string, unknown> = {}
  for (const name of HEAD) {
    if (!same(old[name], next[name])) changes[name] = next[name]
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
