import { Draft, type Reading } from './document.js'
import type { Position } from '../problem.js'

/** Reads an object of sections, each an object of keywords. Values may be strings, numbers, booleans or null. */
export function readJson(text: string): Reading {
  const draft = new Draft()
  try {
    document(new Cursor(text), draft)
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    draft.problem(error.at, error.message)
  }
  return draft.reading()
}

// Thrown inside this file alone: the first mistake ends the reading.
class Unexpected extends Error {
  constructor(
    readonly at: Position,
    what: string,
  ) {
    super(what)
  }
}

function document(cursor: Cursor, draft: Draft): void {
  members(cursor, 'the configuration', (name, at) => {
    draft.section(name, at)
    if (cursor.peek() !== '{') throw cursor.unexpected(`${name} must be an object of keywords`)
    members(cursor, name, (key, keyAt) => {
      const valueAt = cursor.position()
      draft.entry({ key, value: scalar(cursor, `${name}.${key}`), at: keyAt, valueAt })
    })
  })
  if (cursor.peek() !== '')
    throw cursor.unexpected('nothing may follow the closing brace of the configuration')
}

function members(cursor: Cursor, what: string, member: (name: string, at: Position) => void): void {
  cursor.expect('{', `${what} must be an object`)
  if (cursor.take('}')) return
  for (;;) {
    if (cursor.peek() !== '"') throw cursor.unexpected(`expected a name in double quotes in ${what}`)
    const at = cursor.position()
    const name = cursor.string()
    cursor.expect(':', `expected a colon after "${name}"`)
    cursor.peek()
    member(name, at)
    if (cursor.take('}')) return
    cursor.expect(',', `expected a comma or a closing brace after "${name}" of ${what}`)
  }
}

function scalar(cursor: Cursor, what: string): string {
  const next = cursor.peek()
  if (next === '"') return cursor.string()
  if (next === '{' || next === '[')
    throw cursor.unexpected(`${what} must be one value: there are two levels, section then keyword`)
  const word = cursor.word()
  if (word === 'null') return ''
  if (word === 'true' || word === 'false' || /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return word
  throw cursor.unexpected(
    word === ''
      ? `${what} has no value`
      : `${what} is neither a string nor a number: "${word}" needs double quotes`,
  )
}

class Cursor {
  private index = 0
  private line = 1
  private lineStart = 0

  constructor(private readonly text: string) {}

  position(): Position {
    return { line: this.line, column: this.index - this.lineStart + 1 }
  }

  unexpected(what: string): Unexpected {
    const end = this.index >= this.text.length ? ': the text ends here' : ''
    return new Unexpected(this.position(), what + end)
  }

  /** The next character that is no white space; empty at the end. */
  peek(): string {
    while (/[ \t\r\n]/.test(this.text[this.index] ?? '')) this.step()
    return this.text[this.index] ?? ''
  }

  take(char: string): boolean {
    if (this.peek() !== char) return false
    this.step()
    return true
  }

  expect(char: string, otherwise: string): void {
    if (!this.take(char)) throw this.unexpected(otherwise)
  }

  word(): string {
    const [word = ''] = /^[^\s,:{}[\]"]*/.exec(this.text.slice(this.index, this.index + 400)) ?? []
    this.index += word.length
    return word
  }

  string(): string {
    const start = this.position()
    // A quoted string on one line; escapes are left to JSON.parse.
    const pattern = /"(?:[^"\\\n]|\\.)*"/y
    pattern.lastIndex = this.index
    const [literal] = pattern.exec(this.text) ?? []
    if (literal === undefined)
      throw new Unexpected(start, 'the string that begins here has no closing quote on its line')
    this.index += literal.length
    try {
      return String(JSON.parse(literal))
    } catch {
      throw new Unexpected(
        start,
        'the string that begins here has an escape or a character that JSON does not know',
      )
    }
  }

  private step(): void {
    if (this.text[this.index] === '\n') {
      this.line += 1
      this.lineStart = this.index + 1
    }
    this.index += 1
  }
}
