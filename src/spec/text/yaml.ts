import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLError,
} from 'yaml'
import { Draft, type Reading } from './document.js'
import type { Position } from '../problem.js'

/** Brackets that are open at once. */
const DEEPEST = 200

/** Reads a map of sections, each a map of keywords. Every scalar is taken as the text that was written (`0750` stays `0750`). */
export function readYaml(text: string): Reading {
  const deep = tooDeep(text)
  if (deep !== null) {
    const draft = new Draft()
    draft.problem(deep, 'too many brackets within brackets: is this a configuration?')
    return draft.reading()
  }
  const lines = new LineCounter()
  const document = openYaml(text, lines)
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const draft = new Draft()
  for (const error of document.errors) draft.problem(at(error.pos[0]), sentence(error))
  if (document.errors.length === 0) root(document.contents, draft, at)
  return draft.reading()
}

/** Where more brackets stand open than any value needs; the parser would go as deep as they do. */
function tooDeep(text: string): Position | null {
  let open = 0
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1)
    if (open <= DEEPEST) continue
    const before = text.slice(0, index).split('\n')
    return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
  }
  return null
}

/** The document for editing: comments are kept. */
export function openYaml(text: string, lineCounter?: LineCounter): Document {
  const options = { schema: 'failsafe', prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const
  return parseDocument(text, lineCounter === undefined ? options : { ...options, lineCounter })
}

function sentence(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'indent with spaces: YAML takes no tabs there'
    case 'BAD_INDENT':
      return 'the indentation does not fit the lines above'
    case 'UNEXPECTED_TOKEN':
      return `this is not YAML: ${lowered(error.message)} (a value that begins with a brace, a quote or @ needs quotes as a whole)`
    case 'MULTIPLE_DOCS':
      return 'one configuration at a time: the text holds several YAML documents'
    default:
      return `this is not YAML: ${lowered(error.message)}`
  }
}

const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

type Place = (offset: number) => Position

function root(node: Node | null, draft: Draft, at: Place): void {
  if (node === null) return
  const start = at(node.range?.[0] ?? 0)
  if (!isMap(node)) {
    draft.problem(
      start,
      'a configuration is sections with keywords, such as "fs#1:" with "  type: flag" below it',
    )
    return
  }
  for (const pair of node.items) section(pair as Pair<Node, Node | null>, draft, at)
}

function section(pair: Pair<Node, Node | null>, draft: Draft, at: Place): void {
  const name = nameOf(pair.key)
  const place = at(pair.key.range?.[0] ?? 0)
  if (name === null) return draft.problem(place, 'the name of a section must be plain text')
  draft.section(name, place)
  const { value } = pair
  if (value === null || (isScalar(value) && value.value === '')) return
  if (!isMap(value)) {
    return draft.problem(
      at(value.range?.[0] ?? 0),
      `${name} must hold keywords, such as "type: flag", each on an indented line`,
    )
  }
  for (const item of value.items) keyword(name, item as Pair<Node, Node | null>, draft, at)
}

function keyword(section: string, pair: Pair<Node, Node | null>, draft: Draft, at: Place): void {
  const key = nameOf(pair.key)
  const place = at(pair.key.range?.[0] ?? 0)
  if (key === null) return draft.problem(place, `the name of a keyword of ${section} must be plain text`)
  const { value } = pair
  const valueAt = at(value?.range?.[0] ?? pair.key.range?.[1] ?? 0)
  if (value === null) return draft.entry({ key, value: '', at: place, valueAt })
  if (!isScalar(value)) return draft.problem(valueAt, notOneValue(`${section}.${key}`, value))
  draft.entry({ key, value: String(value.value ?? ''), at: place, valueAt })
}

function nameOf(node: Node): string | null {
  return isScalar(node) && typeof node.value === 'string' ? node.value : null
}

function notOneValue(what: string, value: Node): string {
  if (isAlias(value))
    return `${what} is a YAML alias: write the value itself, or a reference such as {env.name}`
  if (isSeq(value)) return `${what} is a YAML list: write its words in one value, separated by spaces`
  return `${what} must be one value: a value that begins with a brace needs quotes, and there are two levels, section then keyword`
}
