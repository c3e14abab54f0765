import { Draft, type Entry, type Reading } from './document.js'

/**
 * Reads `[section]` and `key = value` lines. A line that begins with white space continues the value before it; comments begin with
 * `#` or `;` at the start of a line, or with ` ;` behind a value.
 */
export function readIni(text: string): Reading {
  const draft = new Draft()
  let open: Entry | null = null
  const close = (): void => {
    if (open !== null) draft.entry(open)
    open = null
  }
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/\s;.*$/, '').trimEnd()
    if (line.trim() === '' || /^\s*[#;]/.test(raw)) continue
    if (/^\s/.test(line) && open !== null) {
      open = continued(open, line)
      continue
    }
    close()
    open = lineEntry(draft, line, index + 1)
  }
  close()
  return draft.reading()
}

function continued(entry: Entry, line: string): Entry {
  return { ...entry, value: entry.value === '' ? line.trim() : `${entry.value}\n${line.trim()}` }
}

function lineEntry(draft: Draft, line: string, number: number): Entry | null {
  const at = { line: number, column: line.length - line.trimStart().length + 1 }
  const [, section] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? []
  if (section !== undefined) {
    draft.section(section.trim(), at)
    return null
  }
  const equals = line.indexOf('=')
  if (equals < 0) {
    draft.problem(at, `expected [section] or key = value, not ${JSON.stringify(shortened(line.trim()))}`)
    return null
  }
  const rest = line.slice(equals + 1)
  const valueAt = { line: number, column: equals + 2 + rest.length - rest.trimStart().length }
  return { key: line.slice(0, equals).trim(), value: rest.trim(), at, valueAt }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
