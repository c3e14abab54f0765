/** A value's text cut into what is literal, what is a reference and what is an expression. */
export type Piece =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'expression'; readonly pieces: readonly Piece[] }

export interface Reference {
  /** As written, without braces. */
  readonly text: string
  readonly modifiers: readonly Modifier[]
  /** `{#x}`: the number of words of x. */
  readonly count: boolean
  /** `{x[1]}`: the second word of x. */
  readonly index: number | null
  /** `env` of `{env.dev}`, `DEFAULT` of `{.nodes}`, null of `{svcname}`. */
  readonly section: string | null
  readonly key: string
}

export const MODIFIERS = ['upper', 'lower', 'capitalize', 'title', 'swapcase'] as const
export type Modifier = (typeof MODIFIERS)[number]

/**
 * Braces that hold anything but a name stay as they are, and so do `{{x}}` (templates of other tools), `${X}` (shell variables) and
 * `\{x}`, which loses its backslash. `$$(` is a literal `$(`.
 */
export function pieces(text: string): readonly Piece[] {
  if (!/[$\\{]/.test(text)) return [{ kind: 'literal', text }]
  const found: Piece[] = []
  let literal = ''
  let index = 0
  while (index < text.length) {
    const ordinary = /[^$\\{]*/y
    ordinary.lastIndex = index
    const [plain = ''] = ordinary.exec(text) ?? []
    literal += plain
    index += plain.length
    if (index >= text.length) break
    const [special, length] = specialAt(text, index)
    if (typeof special === 'string') literal += special
    else {
      if (literal !== '') found.push({ kind: 'literal', text: literal })
      literal = ''
      found.push(special)
    }
    index += length
  }
  if (literal !== '') found.push({ kind: 'literal', text: literal })
  return found
}

function specialAt(text: string, index: number): readonly [Piece | string, number] {
  const rest = text.slice(index, index + 2000)
  if (rest.startsWith('$$(')) return ['$(', 3]
  if (rest.startsWith('$(')) return expressionAt(text, index)
  const [kept] = /^(?:\$\{[^{}]*\}|\{\{.*?\}\}+)/.exec(rest) ?? []
  if (kept !== undefined) return [kept, kept.length]
  const [escaped, bare] = /^\\(\{[^{}\s]+\})/.exec(rest) ?? []
  if (escaped !== undefined && bare !== undefined && referenceOf(bare) !== null) return [bare, escaped.length]
  const [braced] = /^\{[^{}]+\}/.exec(rest) ?? []
  const reference = braced === undefined ? null : referenceOf(braced)
  if (braced !== undefined && reference !== null) return [{ kind: 'reference', reference }, braced.length]
  return [rest.charAt(0), 1]
}

function expressionAt(text: string, index: number): readonly [Piece | string, number] {
  let depth = 0
  for (let end = index + 1; end < text.length; end += 1) {
    if (text[end] === '(') depth += 1
    if (text[end] === ')') depth -= 1
    if (depth === 0)
      return [{ kind: 'expression', pieces: pieces(text.slice(index + 2, end)) }, end + 1 - index]
  }
  return ['$(', 2]
}

const REFERENCE = new RegExp(
  String.raw`^\{(?<modifiers>(?:(?:${MODIFIERS.join('|')}):)*)(?<count>#)?(?:(?<section>[a-zA-Z_][\w#:.-]*)?\.)?(?<key>[a-zA-Z_][\w-]*)(?:\[(?<index>\d{1,3})\])?\}$`,
)

function referenceOf(braced: string): Reference | null {
  const groups = REFERENCE.exec(braced)?.groups
  if (groups === undefined) return null
  const name = braced.slice(1, -1).slice((groups['modifiers'] ?? '').length)
  return {
    text: braced.slice(1, -1),
    modifiers: (groups['modifiers'] ?? '').split(':').filter((word): word is Modifier => word !== ''),
    count: groups['count'] !== undefined,
    index: groups['index'] === undefined ? null : Number(groups['index']),
    section: groups['section'] ?? (/^#?\./.test(name) ? 'DEFAULT' : null),
    key: groups['key'] ?? '',
  }
}
