import { ok, type Result } from '../core/result.js'
import { compute } from './expression.js'
import type { Keyword, SectionSchema } from './keyword.js'
import type { Position, Problem } from './problem.js'
import { pieces, type Modifier, type Piece, type Reference } from './pieces.js'
import { keywordOf } from './schema.js'
import { suggestion } from './suggestion.js'
import type { Entry } from './text/document.js'

/** A configuration seen from one node: what scoping and references are evaluated against. */
export interface Scene {
  /** Entries by section, then by keyword name with its scope (`priority@node2`), aliases already replaced. */
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, Entry>>
  readonly schemaOf: (section: string) => SectionSchema | null
  /** `{name}`, `{clusternodes}`, … Null while there is no single answer: `{nodename}` in the keyword `nodes`. */
  readonly words: Readonly<Record<string, string | null>>
  /** Null while the keyword `nodes` itself is evaluated. */
  readonly node: string | null
  readonly isMember: boolean
  /** Values found so far, by `section.key`: a value that many refer to is evaluated once. Begins empty. */
  readonly found: Map<string, Result<Found | null, Problem>>
}

/** A value with scoping, references and expressions done, not yet converted. */
export interface Found {
  readonly text: string
  /** Null for a default. */
  readonly entry: Entry | null
}

/** Longest value that references may expand to. */
const VALUE_LIMIT = 64 * 1024

/** The value of a keyword on the scene's node; null where it is neither written nor has a default. */
export function valueOf(scene: Scene, section: string, key: string): Result<Found | null, Problem> {
  return new Evaluation(scene).value(section, key, keywordIn(scene, section, key))
}

/** As `valueOf`, for a keyword already at hand. */
export function valueOfKeyword(
  scene: Scene,
  section: string,
  keyword: Keyword,
): Result<Found | null, Problem> {
  return new Evaluation(scene).value(section, keyword.name, keyword)
}

interface Place {
  readonly section: string
  readonly at: Position | null
}

class Evaluation {
  // `section.key` of every value under way, outermost first: a repeat is a loop.
  private readonly trail: string[] = []

  constructor(private readonly scene: Scene) {}

  value(section: string, key: string, keyword: Keyword | null): Result<Found | null, Problem> {
    const name = keyword?.name ?? key
    const step = `${section}.${name}`
    const known = this.scene.found.get(step)
    if (known !== undefined) return known
    const own = written(this.scene, section, name)
    const entry =
      own ??
      (keyword?.inherited === true && section !== 'DEFAULT' ? written(this.scene, 'DEFAULT', name) : null)
    const source = entry?.value ?? keyword?.default
    if (source === undefined) return ok(null)
    const at = entry?.valueAt ?? null
    if (this.trail.includes(step)) return this.loop(step, at)
    this.trail.push(step)
    const text = this.text({ section, at, pieces: pieces(source) })
    this.trail.pop()
    const found = text.ok ? ok({ text: text.value, entry }) : text
    this.scene.found.set(step, found)
    return found
  }

  // Told from its alphabetically first step on, so that every way into a loop finds the same one.
  private loop(step: string, at: Position | null): Result<never, Problem> {
    const round = this.trail.slice(this.trail.indexOf(step))
    const [first = step] = [...round].sort()
    const start = round.indexOf(first)
    const dot = first.lastIndexOf('.')
    const entry = written(this.scene, first.slice(0, dot), first.slice(dot + 1))
    const path = [...round.slice(start), ...round.slice(0, start), first]
    return problem(entry?.valueAt ?? at, `reference loop: ${path.join(' → ')}`)
  }

  text(o: Place & { readonly pieces: readonly Piece[] }): Result<string, Problem> {
    let text = ''
    for (const piece of o.pieces) {
      const part = this.piece(o, piece)
      if (!part.ok) return part
      text += part.value
      if (text.length > VALUE_LIMIT)
        return problem(o.at, `the value grows beyond ${VALUE_LIMIT} characters through its references`)
    }
    return ok(text)
  }

  private piece(place: Place, piece: Piece): Result<string, Problem> {
    switch (piece.kind) {
      case 'literal':
        return ok(piece.text)
      case 'reference':
        return this.reference(place, piece.reference)
      case 'expression': {
        const inner = this.text({ ...place, pieces: piece.pieces })
        if (!inner.ok) return inner
        const computed = compute(inner.value)
        if (computed.ok) return ok(computed.text)
        return problem(
          place.at,
          `$(${inner.value}) cannot be computed: ${computed.why}. A literal $( is written $$(`,
        )
      }
    }
  }

  private reference(place: Place, reference: Reference): Result<string, Problem> {
    const target = this.target(place, reference)
    if (!target.ok) return target
    const words = target.value.split(/\s+/).filter((word) => word !== '')
    if (reference.count) return ok(String(words.length))
    if (reference.index === null) return ok(reference.modifiers.reduceRight(modified, target.value))
    const word = words[reference.index]
    if (word !== undefined) return ok(reference.modifiers.reduceRight(modified, word))
    return problem(
      place.at,
      `{${reference.text}}: there ${words.length === 1 ? 'is 1 word' : `are ${words.length} words`}, counted from 0`,
    )
  }

  private target(place: Place, reference: Reference): Result<string, Problem> {
    const { section, key } = reference
    if (section !== null) return this.elsewhere(place, reference, section)
    const word = this.scene.words[key] ?? this.ownWord(place.section, key)
    if (word !== null) return ok(word)
    if (key in this.scene.words)
      return problem(place.at, `{${key}} has no single value here: it differs from node to node`)
    const near = [place.section, 'DEFAULT'].find((candidate) => this.knows(candidate, key))
    if (near !== undefined) return this.elsewhere(place, reference, near)
    const known = [...Object.keys(this.scene.words), 'rid', 'rindex']
    const hint = suggestion(key, known)
    const what = `{${reference.text}} refers to nothing here${hint}${hint.endsWith('?') ? ' Text' : '; text'} that is no reference`
    return problem(place.at, `${what} is written \\{${reference.text}}`)
  }

  private ownWord(section: string, key: string): string | null {
    if (!section.includes('#')) return null
    if (key === 'rid') return section
    return key === 'rindex' ? section.slice(section.indexOf('#') + 1) : null
  }

  private elsewhere(place: Place, reference: Reference, section: string): Result<string, Problem> {
    if (!this.scene.sections.has(section) && section !== 'DEFAULT') {
      const sections = [...this.scene.sections.keys()]
      return problem(
        place.at,
        `{${reference.text}}: there is no section ${section}${suggestion(section, sections)}`,
      )
    }
    if (!this.knows(section, reference.key)) {
      const known = knownKeys(this.scene, section)
      return problem(
        place.at,
        `{${reference.text}}: ${section} has no ${reference.key}${suggestion(reference.key, known)}`,
      )
    }
    const found = this.value(section, reference.key, keywordIn(this.scene, section, reference.key))
    if (!found.ok) return found
    if (found.value !== null) return ok(found.value.text)
    return problem(
      place.at,
      `{${reference.text}} is not set${this.scene.node === null ? '' : ` on ${this.scene.node}`}`,
    )
  }

  private knows(section: string, key: string): boolean {
    return keywordIn(this.scene, section, key) !== null || knownKeys(this.scene, section).includes(key)
  }
}

/** The entry in force for a keyword in one section: `kw@NODE`, then `kw@nodes`, then `kw`. */
export function written(scene: Scene, section: string, key: string): Entry | null {
  const entries = scene.sections.get(section)
  if (entries === undefined || entries.size === 0) return null
  const forNode = scene.node === null ? undefined : entries.get(`${key}@${scene.node}`)
  const forMembers = scene.isMember ? entries.get(`${key}@nodes`) : undefined
  return forNode ?? forMembers ?? entries.get(key) ?? null
}

function keywordIn(scene: Scene, section: string, key: string): Keyword | null {
  const schema = scene.schemaOf(section)
  return schema === null ? null : keywordOf(schema, key)
}

function knownKeys(scene: Scene, section: string): string[] {
  const entries = [...(scene.sections.get(section)?.keys() ?? [])].map((key) => key.replace(/@.*$/, ''))
  const schema = scene.schemaOf(section)?.keywords.map((keyword) => keyword.name) ?? []
  return [...new Set([...entries, ...schema])]
}

function modified(text: string, modifier: Modifier): string {
  switch (modifier) {
    case 'upper':
      return text.toUpperCase()
    case 'lower':
      return text.toLowerCase()
    case 'capitalize':
      return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()
    case 'title':
      return text.toLowerCase().replaceAll(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1))
    case 'swapcase':
      return Array.from(text, (char) =>
        char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase(),
      ).join('')
  }
}

const problem = (at: Position | null, what: string): { ok: false; error: Problem } => ({
  ok: false,
  error: { at, what },
})
