import type { Value } from '../core/service.js'
import { convert } from './convert.js'
import type { Keyword, SectionSchema } from './keyword.js'
import { nodesOf } from './nodes.js'
import type { Position, Problem } from './problem.js'
import { valueOfKeyword, type Scene } from './scene.js'

export interface Reading {
  readonly scene: Scene
  /** Members of the cluster, for keywords that name nodes. */
  readonly clusterNodes: readonly string[]
  /** Unknown nodes are problems, not left out. */
  readonly strict: boolean
  /** Where a section that lacks something begins. */
  readonly placeOf: (section: string) => Position | null
  readonly report: (problem: Problem) => void
}

/** Every keyword of the section's schema, converted; what cannot be is reported and null. */
export function readSection(
  reading: Reading,
  section: string,
  schema: SectionSchema,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    schema.keywords.map((keyword) => [keyword.name, readKeyword(reading, section, keyword)]),
  )
}

/** One keyword's value on the scene's node; null where it has none, or where it is wrong, which is reported. */
export function readKeyword(reading: Reading, section: string, keyword: Keyword): Value {
  const found = valueOfKeyword(reading.scene, section, keyword)
  if (!found.ok) {
    reading.report({ at: found.error.at ?? reading.placeOf(section), what: found.error.what })
    return null
  }
  const text = found.value?.text ?? null
  const entry = found.value?.entry ?? null
  if (text === null || (text.trim() === '' && keyword.required !== true))
    return keyword.required ? missing(reading, section, keyword) : null
  if (text.trim() === '') return missing(reading, section, keyword)
  const converted = convert(keyword, text)
  const at = entry?.valueAt ?? reading.placeOf(section)
  if (!converted.ok) {
    const instead = `not ${shown(text, entry?.value ?? text)}${converted.hint ?? ''}`
    reading.report({ at, what: `${section}.${keyword.name} must be ${converted.expects}, ${instead}` })
    return null
  }
  return keyword.type === 'boolean or nodes'
    ? onThisNode(reading, converted.value, `${section}.${keyword.name}`, at)
    : converted.value
}

function missing(reading: Reading, section: string, keyword: Keyword): null {
  const example = keyword.example === undefined ? '' : `, such as ${keyword.name}: ${keyword.example}`
  const nodes = reading.scene.sections.get(section)?.keys() ?? []
  const elsewhere = [...nodes].some((key) => key.startsWith(`${keyword.name}@`))
  const where = elsewhere && reading.scene.node !== null ? ` on ${reading.scene.node}` : ''
  reading.report({ at: reading.placeOf(section), what: `${section} needs ${keyword.name}${where}${example}` })
  return null
}

function shown(text: string, written: string): string {
  const value = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  return text === written ? value : `${value} (from ${written})`
}

function onThisNode(reading: Reading, value: Value, what: string, at: Position | null): boolean {
  if (!Array.isArray(value)) return value === true
  const { node } = reading.scene
  const nodes = nodesOf(value as readonly string[], reading.clusterNodes)
  for (const unknown of reading.strict ? nodes.unknown : [])
    reading.report({ at, what: `${what} must be true, false or nodes of this cluster, not ${unknown}` })
  return node !== null && nodes.nodes.includes(node)
}
