import { Document, isMap, isScalar, Scalar, YAMLMap, type Pair } from 'yaml'
import { fail, ok, type Failure, type Result } from '../core/result.js'
import { applied, parseOperation, parsePath, type KeywordPath, type Operation } from './operation.js'
import { keywordOf } from './schema.js'
import type { SectionKind } from './structure.js'
import { suggestion } from './suggestion.js'
import { parseText, toYaml, type SourceText } from './text.js'
import type { ConfigDocument, Section } from './text/document.js'
import { openYaml } from './text/yaml.js'

/**
 * The text as it is kept: YAML stays as written, comments included; JSON and INI become YAML. `env` overrides values of the `env`
 * section, whose names must be there already.
 */
export function canonicalText(
  o: SourceText & { readonly env?: Readonly<Record<string, string>> },
): Result<string, Failure> {
  const parsed = parseText(o)
  if (!parsed.ok) return parsed
  const text = parsed.value.format === 'yaml' ? o.text : toYaml(parsed.value)
  return applyEnv({ text, source: o.source, document: parsed.value, env: o.env ?? {} })
}

function applyEnv(
  o: SourceText & { readonly document: ConfigDocument; readonly env: Readonly<Record<string, string>> },
): Result<string, Failure> {
  const names = Object.keys(o.env)
  if (names.length === 0) return ok(o.text)
  const known = o.document.sections.find(({ name }) => name === 'env')?.entries.map(({ key }) => key) ?? []
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const hint = known.length === 0 ? ': it has no env section' : suggestion(unknown, known)
    return fail(
      'INVALID',
      `--env ${unknown}: the configuration has no value of that name in its env section${hint}`,
    )
  }
  const yaml = openYaml(o.text)
  for (const [name, value] of Object.entries(o.env)) setValue(yaml, 'env', name, value)
  return ok(printed(yaml))
}

export interface Edit extends SourceText {
  readonly set: readonly string[]
  readonly unset: readonly string[]
  /** What the kind of configuration says of a section: aliases are found through it. */
  readonly kindOf: (section: Section) => SectionKind
}

/**
 * Keyword operations on a YAML text, all or none; comments are kept. The result is text, not yet validated.
 * `unset` also takes a whole section that has a `#` in its name.
 */
export function editText(edit: Edit): Result<string, Failure> {
  const parsed = parseText(edit)
  if (!parsed.ok) return parsed
  const yaml = openYaml(parsed.value.format === 'yaml' ? edit.text : toYaml(parsed.value))
  for (const text of edit.unset) {
    const done = unset(yaml, edit, text)
    if (!done.ok) return done
  }
  for (const text of edit.set) {
    const operation = parseOperation(text)
    if (!operation.ok) return operation
    const done = set(yaml, edit, operation.value)
    if (!done.ok) return done
  }
  return ok(printed(yaml))
}

function set(yaml: Document, edit: Edit, operation: Operation): Result<void, Failure> {
  const sections = sectionsFor(yaml, operation)
  if (sections.length === 0)
    return fail(
      'INVALID',
      `there is no resource of group ${operation.section} to set ${operation.key} of: name a new one, such as ${operation.section}#1.${operation.key}`,
    )
  for (const section of sections) {
    const key = writtenKey(yaml, edit, section, operation)
    const value = applied(operation, valueAt(yaml, section, key))
    if (value === null) yaml.deleteIn([section, key])
    else setValue(yaml, section, key, value)
  }
  return ok(undefined)
}

function unset(yaml: Document, edit: Edit, text: string): Result<void, Failure> {
  if (text.includes('#') && yaml.has(text)) {
    yaml.delete(text)
    return ok(undefined)
  }
  const path = parsePath(text)
  if (!path.ok) return path
  const found = sectionsFor(yaml, path.value).filter((section) => {
    const key = writtenKey(yaml, edit, section, path.value)
    if (!yaml.hasIn([section, key])) return false
    yaml.deleteIn([section, key])
    return true
  })
  return found.length > 0
    ? ok(undefined)
    : fail('UNKNOWN', `${text} is not set, so there is nothing to unset`)
}

// `fs.optional` means every resource of the group.
function sectionsFor(yaml: Document, path: KeywordPath): string[] {
  const { section } = path
  if (section.includes('#') || !GROUPED.includes(section)) return [section]
  return sectionNames(yaml).filter((name) => name.startsWith(`${section}#`))
}

const GROUPED = ['ip', 'disk', 'fs', 'container', 'app', 'subset', 'hook', 'stonith', 'hb']

// The key as the text has it, under whichever of its names; otherwise as the operator wrote it.
function writtenKey(yaml: Document, edit: Edit, section: string, path: KeywordPath): string {
  const scope = path.scope === null ? '' : `@${path.scope}`
  const at = { line: 1, column: 1 }
  const type = valueAt(yaml, section, 'type')
  const entries = type === null ? [] : [{ key: 'type', value: type, at, valueAt: at }]
  const kind = edit.kindOf({ name: section, at, entries })
  const keyword = kind.ok ? keywordOf(kind.schema, path.key) : null
  const names = keyword === null ? [path.key] : [path.key, keyword.name, ...(keyword.alias ?? [])]
  return (names.find((name) => yaml.hasIn([section, name + scope])) ?? path.key) + scope
}

function valueAt(yaml: Document, section: string, key: string): string | null {
  const value = yaml.getIn([section, key])
  return value === undefined || value === null ? null : String(value)
}

function setValue(yaml: Document, section: string, key: string, value: string): void {
  if (!isMap(yaml.contents)) yaml.contents = new YAMLMap()
  const node = yaml.getIn([section, key], true)
  if (isScalar(node)) {
    node.value = value
    // The way the old value was written need not suit the new one.
    node.type = Scalar.PLAIN
    return
  }
  if (isMap(yaml.get(section, true))) return yaml.setIn([section, key], value)
  addSection(yaml, section, new Map([[key, value]]))
}

// DEFAULT comes first, as everywhere.
function addSection(yaml: Document, section: string, keywords: ReadonlyMap<string, string>): void {
  const pair = yaml.createPair(section, keywords) as Pair
  if (!isMap(yaml.contents)) return
  const { items } = yaml.contents
  const index = items.findIndex((item) => nameOf(item) === section)
  if (index >= 0) items[index] = pair
  else if (section === 'DEFAULT') items.unshift(pair)
  else items.push(pair)
}

function sectionNames(yaml: Document): string[] {
  return isMap(yaml.contents) ? yaml.contents.items.map(nameOf) : []
}

const nameOf = (pair: Pair<unknown, unknown>): string => (isScalar(pair.key) ? String(pair.key.value) : '')

const printed = (yaml: Document): string => yaml.toString({ lineWidth: 0 })
