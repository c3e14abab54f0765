import type { Value } from '../core/service.js'
import { parseDuration, parseSize } from '../core/units.js'
import type { Keyword } from './keyword.js'
import { suggestion } from './suggestion.js'
import { splitWords } from './words.js'

/** A converted value, or the end of the sentence "… must be …", and what may follow it ("; did you mean ha?"). */
export type Conversion =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expects: string; readonly hint?: string }

/**
 * Text to value by the keyword's type, then its candidates, pattern and minimum. Types `nodes` and `boolean or nodes` give the words:
 * which nodes they stand for depends on the cluster.
 */
export function convert(keyword: Keyword, text: string): Conversion {
  const { candidates, pattern, minimum } = keyword
  if (candidates !== undefined && !candidates.includes(text.trim())) {
    return { ok: false, expects: oneOf(candidates), hint: near(text.trim(), candidates) }
  }
  if (pattern !== undefined && !new RegExp(`^(?:${pattern.match})$`, 'u').test(text.trim())) {
    return { ok: false, expects: pattern.expects }
  }
  const converted = byType(keyword, text.trim())
  if (minimum === undefined || !converted.ok) return converted
  const least = byType(keyword, minimum)
  if (!least.ok || typeof least.value !== 'number' || typeof converted.value !== 'number') return converted
  return converted.value >= least.value ? converted : { ok: false, expects: `${minimum} or more` }
}

function byType(keyword: Keyword, text: string): Conversion {
  switch (keyword.type) {
    case 'text':
      return value(text)
    case 'integer':
      return /^-?\d{1,15}(\.0+)?$/.test(text) ? value(Number(text)) : expects('a whole number')
    case 'number':
      return /^-?\d{1,15}(\.\d+)?$/.test(text) ? value(Number(text)) : expects('a number')
    case 'boolean':
      return orExpects(booleanOf(text), 'true or false')
    case 'duration':
      return orExpects(parseDuration(text), 'a duration such as 500ms, 30s or 1h30m')
    case 'size':
      return orExpects(parseSize(text), 'a size such as 512m, 10GiB or 10GB')
    case 'size or percentage':
      return (
        percentage(text) ??
        orExpects(parseSize(text), 'a size such as 10GiB, or a percentage such as 100%FREE')
      )
    case 'mode':
      return /^0?o?[0-7]{1,4}$/.test(text)
        ? value(Number.parseInt(text.replace('o', ''), 8))
        : expects('octal permissions such as 0750')
    case 'words':
      return orExpects(splitWords(text), 'shell words, with every quote closed')
    case 'list':
    case 'nodes':
      return value(listOf(text))
    case 'boolean or nodes':
      return value(booleanOf(text) ?? listOf(text))
  }
}

/** Words separated by white space or commas, in order. */
export function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

const TRUE = ['yes', 'y', 'true', 't', '1', 'on']
const FALSE = ['no', 'n', 'false', 'f', '0', '0.0', '', 'none', '[]', '{}', 'off']

function booleanOf(text: string): boolean | null {
  const word = text.trim().toLowerCase()
  if (TRUE.includes(word)) return true
  return FALSE.includes(word) ? false : null
}

function percentage(text: string): Conversion | null {
  const match = /^(\d{1,3})\s*%\s*(free|vg|pvs|origin)$/i.exec(text)
  if (match === null) return null
  return Number(match[1]) <= 100
    ? value(`${match[1]}%${match[2]?.toUpperCase()}`)
    : expects('at most 100 percent')
}

function oneOf(candidates: readonly string[]): string {
  const last = candidates.at(-1) ?? ''
  return candidates.length < 2 ? last : `${candidates.slice(0, -1).join(', ')} or ${last}`
}

function near(text: string, candidates: readonly string[]): string {
  const hint = suggestion(text, candidates)
  return hint.startsWith('; did') ? hint : ''
}

const value = (of: Value): Conversion => ({ ok: true, value: of })
const expects = (what: string): Conversion => ({ ok: false, expects: what })
const orExpects = (of: Value, what: string): Conversion => (of === null ? expects(what) : value(of))
