import { fail, ok, type Failure, type Result } from '../core/result.js'

/** `[section.]key[@scope]`, with the index of `key[2]=word` where there is one. */
export interface KeywordPath {
  /** `DEFAULT` where none is written; a bare group (`fs`) stands for all its resources. */
  readonly section: string
  readonly key: string
  readonly scope: string | null
  readonly index: number | null
}

/** `=` sets, `+=` appends a word, `-=` removes it, `|=` appends it where it is not there yet. */
export type Operator = '=' | '+=' | '-=' | '|='

export interface Operation extends KeywordPath {
  readonly operator: Operator
  readonly value: string
}

/** `fs#1.mnt_opt+=noatime`: what `set --kw` takes. The value may hold anything, operators included. */
export function parseOperation(text: string): Result<Operation, Failure> {
  const equals = text.indexOf('=')
  if (equals < 1)
    return fail(
      'INVALID',
      `${JSON.stringify(text)} sets nothing: write KEYWORD=VALUE, such as orchestrate=ha`,
    )
  const sign = ['+', '-', '|'].find((candidate) => text[equals - 1] === candidate)
  const path = parsePath(text.slice(0, sign === undefined ? equals : equals - 1))
  if (!path.ok) return path
  const operator = `${sign ?? ''}=` as Operator
  return ok({ ...path.value, operator, value: text.slice(equals + 1).trim() })
}

/** `fs#1.mnt`, `orchestrate`, `env.dev@node2`: what `get --kw` and `unset --kw` take. */
export function parsePath(text: string): Result<KeywordPath, Failure> {
  const [, path = '', scope, index] = /^([^@[\]]+)(?:@([\w.-]+))?(?:\[(\d{1,4})\])?$/.exec(text.trim()) ?? []
  const dot = path.lastIndexOf('.')
  const key = path.slice(dot + 1)
  if (!/^[a-zA-Z_][\w-]*$/.test(key) || dot === 0) {
    return fail(
      'INVALID',
      `${JSON.stringify(text)} is no keyword: write it as KEYWORD, SECTION.KEYWORD or SECTION.KEYWORD@NODE`,
    )
  }
  const section = dot < 0 ? 'DEFAULT' : path.slice(0, dot)
  return ok({ section, key, scope: scope ?? null, index: index === undefined ? null : Number(index) })
}

/** The value after the operation; null where it removed the last word. */
export function applied(operation: Operation, current: string | null): string | null {
  const { operator, value, index } = operation
  if (operator === '=' && index === null) return value
  const words = (current ?? '').split(/\s+/).filter((word) => word !== '')
  if (operator === '-=') return rejoined(words.filter((word) => word !== value))
  if (operator === '|=' && words.includes(value)) return current
  return words.toSpliced(index ?? words.length, 0, value).join(' ')
}

const rejoined = (words: readonly string[]): string | null => (words.length === 0 ? null : words.join(' '))
