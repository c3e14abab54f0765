import { nearest } from './nearest.js'
import { fail, ok, type Result } from './result.js'

/**
 * Names among `known` that a selector means, in their order there: `name`, a glob (`*`, `?`, `[abc]`), `a,b` or, `a+b` and, `!a` not.
 * `+` binds tighter than `,`. A plain name that is not known is a failure naming the nearest; a glob that matches nothing is not.
 */
export function select(selector: string, known: readonly string[]): Result<readonly string[]> {
  const alternatives = selector.split(',').map((text) => text.split('+').map(parseTerm))
  for (const term of alternatives.flat()) {
    if (term.pattern === '') return fail('INVALID', `'${selector}' is no selector: a name is missing in it`)
    if (isPlain(term.pattern) && !term.not && !known.includes(term.pattern))
      return unknown(term.pattern, known)
  }
  return ok(known.filter((name) => alternatives.some((all) => all.every((term) => holds(term, name)))))
}

/** A selector that can only mean the one service it names. */
export function isPlain(selector: string): boolean {
  return /^[^*?[\],+!]+$/.test(selector)
}

interface Term {
  readonly not: boolean
  readonly pattern: string
}

function parseTerm(text: string): Term {
  const trimmed = text.trim()
  return trimmed.startsWith('!') ? { not: true, pattern: trimmed.slice(1) } : { not: false, pattern: trimmed }
}

function holds(term: Term, name: string): boolean {
  return glob(term.pattern, name) !== term.not
}

function unknown(name: string, known: readonly string[]): Result<never> {
  const near = nearest(name, known)
  const hint = near === null ? "see 'svcmon' for those there are" : `did you mean ${near}?`
  return fail('UNKNOWN', `there is no service ${name}: ${hint}`)
}

type Token =
  | { readonly kind: 'any run' }
  | { readonly kind: 'any one' }
  | { readonly kind: 'one of'; readonly set: string }

/** Does the whole text match? Linear in memory and without the blow-up of a backtracking regular expression. */
export function glob(pattern: string, text: string): boolean {
  const tokens = tokenize(pattern)
  let token = 0
  let at = 0
  let retryToken = -1
  let retryAt = 0
  while (at < text.length) {
    const current = tokens[token]
    if (current?.kind === 'any run') {
      retryToken = token++
      retryAt = at
    } else if (current !== undefined && matchesOne(current, text[at] ?? '')) {
      token++
      at++
    } else if (retryToken >= 0) {
      token = retryToken + 1
      at = ++retryAt
    } else return false
  }
  return tokens.slice(token).every((rest) => rest.kind === 'any run')
}

function tokenize(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? ''
    const close = char === '[' ? pattern.indexOf(']', i + 2) : -1
    if (char === '*') tokens.push({ kind: 'any run' })
    else if (char === '?') tokens.push({ kind: 'any one' })
    else if (close > 0) {
      tokens.push({ kind: 'one of', set: spread(pattern.slice(i + 1, close)) })
      i = close
    } else tokens.push({ kind: 'one of', set: char })
  }
  return tokens
}

/** `a-c_` as `abc_`. */
function spread(set: string): string {
  return set.replace(/(.)-(.)/g, (whole: string, from: string, to: string) => {
    const [low, high] = [from.charCodeAt(0), to.charCodeAt(0)]
    if (high < low || high - low > 255) return whole
    return String.fromCharCode(...Array.from({ length: high - low + 1 }, (_, i) => low + i))
  })
}

function matchesOne(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'any run':
      return false
    case 'any one':
      return true
    case 'one of':
      return token.set.includes(char)
  }
}
