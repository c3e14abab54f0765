import { stripVTControlCharacters, styleText } from 'node:util'

/** What a text means to its reader. Colour only repeats what the words already say. */
export type Style = 'good' | 'bad' | 'doubt' | 'faint' | 'info' | 'frozen' | 'title'

export type Paint = (style: Style, text: string) => string

const FORMATS = {
  good: 'green',
  bad: 'red',
  doubt: 'yellow',
  faint: 'gray',
  info: 'cyan',
  frozen: 'blue',
  title: 'bold',
} as const satisfies Record<Style, string>

export const plain: Paint = (_style, text) => text

/** Colours whatever the output is; the caller has decided that it shall be coloured. */
export const coloured: Paint = (style, text) =>
  text === '' ? '' : styleText(FORMATS[style], text, { validateStream: false })

/** Columns that a text takes on a terminal. */
export function width(text: string): number {
  return text.includes('\u001b') ? stripVTControlCharacters(text).length : text.length
}

/** Filled up with spaces to so many columns of the terminal; longer text stays whole. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** Foreign text (output of commands, names) with its control characters made visible, so that it cannot steer the terminal. */
export function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, visible)
}

function visible(char: string): string {
  if (char === '\r') return ''
  if (char === '\n') return char
  if (char === '\t') return '    '
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
}
