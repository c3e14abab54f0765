import { Document } from 'yaml'
import { type Failure, ok, type Result } from '../core/result.js'
import { refusal } from './problem.js'
import type { ConfigDocument, Format, Reading } from './text/document.js'
import { TEXT_LIMIT } from './text/limit.js'
import { readIni } from './text/ini.js'
import { readJson } from './text/json.js'
import { readYaml } from './text/yaml.js'

export interface SourceText {
  readonly text: string
  /** What errors call it: a path, or `-` for standard input. */
  readonly source: string
}

/** Parses YAML, JSON or INI, told apart by what is written. All problems of form are in one failure. */
export function parseText({ text, source }: SourceText): Result<ConfigDocument, Failure> {
  if (text.length > TEXT_LIMIT) {
    const what = `the text has ${text.length} characters; a configuration may have ${TEXT_LIMIT} at most`
    return { ok: false, error: refusal(source, [{ at: null, what }]) }
  }
  const control = controlCharacter(text)
  if (control !== null) return { ok: false, error: refusal(source, [control]) }
  const format = formatOf(text)
  const reading = read(format, text)
  if (reading.problems.length > 0) return { ok: false, error: refusal(source, reading.problems) }
  // `metadata` is what an exported JSON configuration says about itself; the name is given by the command instead.
  const sections = reading.sections.filter((section) => format !== 'json' || section.name !== 'metadata')
  return ok({ format, sections })
}

/** Canonical YAML, two levels, in the order given. Comments are not carried: edit a YAML text in place to keep them. */
export function toYaml(document: ConfigDocument): string {
  const object = new Map(
    document.sections.map(({ name, entries }) => [
      name,
      new Map(entries.map(({ key, value }) => [key, value])),
    ]),
  )
  if (object.size === 0) return ''
  return new Document(object, { schema: 'failsafe' }).toString({ lineWidth: 0 })
}

function formatOf(text: string): Format {
  const [first = ''] = /^(?!\s*[#;])\s*\S.*$/m.exec(text) ?? []
  if (first.trimStart().startsWith('{')) return 'json'
  if (/^\s*\[.*\]\s*(;.*)?$/.test(first) || /^[\w@.-]+\s*=/.test(first)) return 'ini'
  return 'yaml'
}

function read(format: Format, text: string): Reading {
  switch (format) {
    case 'json':
      return readJson(text)
    case 'ini':
      return readIni(text)
    case 'yaml':
      return readYaml(text)
  }
}

function controlCharacter(
  text: string,
): { readonly at: { line: number; column: number }; readonly what: string } | null {
  const index = text.search(/[^\P{Cc}\t\r\n]/u)
  if (index < 0) return null
  const before = text.slice(0, index).split('\n')
  const at = { line: before.length, column: (before.at(-1) ?? '').length + 1 }
  return {
    at,
    what: `character ${text.charCodeAt(index)} does not belong into a text: is this a configuration?`,
  }
}
