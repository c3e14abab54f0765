import { release } from './version.js'

/** A page of the manual as it is installed. */
export interface Page {
  readonly name: string
  readonly section: number
  readonly text: string
}

export interface Draft {
  readonly name: string
  readonly section: number
  /** Completes "om - …". */
  readonly summary: string
  /** Pieces made by the functions below. */
  readonly body: readonly string[]
}

/** A page in the macros of man(7). */
export function page(
  { name, section, summary, body }: Draft,
  { seconds }: { readonly seconds: number },
): Page {
  const date = new Date(seconds * 1000).toISOString().slice(0, 10)
  const title = `.TH ${name.toUpperCase()} ${section} ${date} "Longshore ${release()}" "Longshore"`
  const lines = [title, '.nh', '.ad l', heading('NAME'), `${name} \\- ${escaped(summary)}`, ...body]
  return { name, section, text: `${lines.join('\n')}\n` }
}

export const heading = (text: string): string => `.SH "${quoted(text)}"`
export const subheading = (text: string): string => `.SS "${quoted(text)}"`
export const paragraph = (text: string): string => `.PP\n${escaped(text)}`
export const bold = (text: string): string => `.B "${quoted(text)}"`

/** A term, and below it what it means. */
export const definition = (term: string, meaning: string, style = bold): string =>
  `.TP\n${style(term)}\n${escaped(meaning.trim())}`

/** Lines as they stand. */
export const verbatim = (text: string): string => `.PP\n.RS 4\n.nf\n${escaped(text.trim())}\n.fi\n.RE`

/** Nothing of it means anything to roff, at the beginning of a line either; a dash is what can be typed. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\e`)
    .replaceAll('-', String.raw`\-`)
    .replaceAll('`', String.raw`\(ga`)
    .replaceAll('^', String.raw`\(ha`)
    .replaceAll('~', String.raw`\(ti`)
    .replaceAll(/^(?=[.'])/gm, String.raw`\&`)

/** The same within the quotes of a macro's argument. */
const quoted = (text: string): string => escaped(text).replaceAll('"', String.raw`\(dq`)
