import type { Keyword, SectionSchema } from './keyword.js'
import type { Position, Problem } from './problem.js'
import { keywordOf } from './schema.js'
import { suggestion } from './suggestion.js'
import type { ConfigDocument, Entry, Section } from './text/document.js'

/** A configuration with every section and keyword known by name. Values are not looked at yet. */
export interface Structure {
  /** By section, then by keyword with scope; aliases are replaced. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, Entry>>
  readonly schemas: ReadonlyMap<string, SectionSchema>
  readonly places: ReadonlyMap<string, Position>
  readonly problems: readonly Problem[]
}

/** What the kind of configuration says of one of its sections: its schema, or why there is no such section. */
export type SectionKind =
  | {
      readonly ok: true
      readonly schema: SectionSchema
      /** Any key is fine: `env`. */ readonly free: boolean
    }
  | { readonly ok: false; readonly what: string; readonly at?: Position }

export interface StructureOptions {
  readonly document: ConfigDocument
  readonly kindOf: (section: Section) => SectionKind
  /** Nodes that a scope may name; null where any will do. */
  readonly scopes: readonly string[] | null
}

/** Checks names, scopes and duplicates. */
export function structureOf(o: StructureOptions): Structure {
  const sections = new Map<string, Map<string, Entry>>()
  const schemas = new Map<string, SectionSchema>()
  const places = new Map<string, Position>()
  const problems: Problem[] = []
  for (const section of o.document.sections) {
    places.set(section.name, section.at)
    const kind = o.kindOf(section)
    if (!kind.ok) {
      problems.push({ at: kind.at ?? section.at, what: kind.what })
      continue
    }
    schemas.set(section.name, kind.schema)
    const entries = new Map<string, Entry>()
    sections.set(section.name, entries)
    for (const entry of section.entries) {
      const placed = place({ section: section.name, entry, entries, kind, scopes: o.scopes })
      if (typeof placed === 'string') problems.push({ at: entry.at, what: placed })
    }
  }
  return { sections, schemas, places, problems }
}

interface Placing {
  readonly section: string
  readonly entry: Entry
  readonly entries: Map<string, Entry>
  readonly kind: { readonly schema: SectionSchema; readonly free: boolean }
  readonly scopes: readonly string[] | null
}

// Puts an entry under its canonical key; a text is the reason why it cannot.
function place({ section, entry, entries, kind, scopes }: Placing): string | null {
  const [name, scope] = splitScope(entry.key)
  const keyword = kind.free ? freeKeyword(name) : keywordOf(kind.schema, name)
  if (keyword === null) return kind.free ? unreachable(section, name) : unknown(section, name, kind.schema)
  const refused = scope === null ? null : scopeProblem({ section, keyword, scope, scopes })
  if (refused !== null) return refused
  const key = scope === null ? keyword.name : `${keyword.name}@${scope}`
  const other = entries.get(key)
  if (other !== undefined)
    return `${section}.${entry.key} is the same as ${section}.${other.key} in line ${other.at.line}`
  entries.set(key, entry)
  return null
}

/** `priority@node2` is `['priority', 'node2']`. */
function splitScope(key: string): readonly [string, string | null] {
  const at = key.indexOf('@')
  return at < 0 ? [key, null] : [key.slice(0, at), key.slice(at + 1)]
}

/** Any name that a reference can spell. */
export function freeKeyword(name: string): Keyword | null {
  if (!/^[a-zA-Z_][\w-]{0,62}$/.test(name)) return null
  return { name, type: 'text', scopable: true, help: '' }
}

function unreachable(section: string, name: string): string {
  return `${section}: ${JSON.stringify(name)} is no name that a reference could spell: letters, digits, _ and -, beginning with a letter`
}

function unknown(section: string, name: string, schema: SectionSchema): string {
  const names = schema.keywords.flatMap((keyword) => [keyword.name, ...(keyword.alias ?? [])])
  const what = schema.section === section ? section : `${section} (${schema.section})`
  const hint = suggestion(name, names)
  return `${what} has no keyword ${JSON.stringify(name)}${hint === '' ? `: 'om help ${schema.section.replace('#', '')}' lists those there are` : hint}`
}

function scopeProblem(o: {
  readonly section: string
  readonly keyword: Keyword
  readonly scope: string
  readonly scopes: readonly string[] | null
}): string | null {
  const { section, keyword, scope, scopes } = o
  if (keyword.scopable !== true)
    return `${section}.${keyword.name} is the same on every node: it cannot carry @${scope}`
  if (scopes === null || scope === 'nodes' || scopes.includes(scope)) return null
  const hint = suggestion(scope, [...scopes, 'nodes'])
  return `${section}.${keyword.name}@${scope}: ${scope} is no node of this cluster${hint}`
}
