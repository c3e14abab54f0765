/**
 * `$(…)`: arithmetic, comparisons, `in (a, b)`, `not`, `and`, `or` on numbers, strings, True, False and None. Bare names are strings.
 * Nothing is called, nothing is looked up: references were replaced before. Grammar and precedence are Python's.
 */
export type Computed =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string }

/** The value of the text within `$(…)`, or what is wrong with it and where. */
export function compute(source: string): Computed {
  try {
    const parser = new Parser(tokens(source))
    const value = parser.or()
    parser.end()
    return { ok: true, text: written(value) }
  } catch (error) {
    if (error instanceof Senseless) return { ok: false, why: error.message }
    throw error
  }
}

type Operand = number | string | boolean | null

// Thrown inside this file alone.
class Senseless extends Error {}

const TOKEN = /\s*(\d+(?:\.\d+)?|'[^']*'|"[^"]*"|\*\*|\/\/|==|!=|<=|>=|[-+*/%|&^<>(),]|[\p{L}_][\w.]*)/uy

function tokens(source: string): string[] {
  const found: string[] = []
  const text = source.trimEnd()
  let index = 0
  while (index < text.length) {
    TOKEN.lastIndex = index
    const match = TOKEN.exec(text)
    if (match?.[1] === undefined)
      throw new Senseless(
        `${JSON.stringify(text.slice(index).trim().slice(0, 20))} is no part of an expression`,
      )
    found.push(match[1])
    index = TOKEN.lastIndex
  }
  if (found.length > 200) throw new Senseless('an expression may have 200 words at most')
  return found
}

class Parser {
  private index = 0
  private depth = 0

  constructor(private readonly tokens: readonly string[]) {}

  end(): void {
    const token = this.tokens[this.index]
    if (token !== undefined) throw new Senseless(`${JSON.stringify(token)} was not expected there`)
  }

  or(): Operand {
    let value = this.and()
    while (this.take('or')) {
      const right = this.and()
      value = truthy(value) ? value : right
    }
    return value
  }

  private and(): Operand {
    let value = this.not()
    while (this.take('and')) {
      const right = this.not()
      value = truthy(value) ? right : value
    }
    return value
  }

  private not(): Operand {
    return this.take('not') ? this.nested(() => !truthy(this.not())) : this.comparison()
  }

  private comparison(): Operand {
    let value = this.binary(0)
    for (;;) {
      const operator = this.takeOne(['==', '!=', '<=', '>=', '<', '>'])
      if (operator !== null) value = compare(operator, value, this.binary(0))
      else if (this.take('in')) value = this.members().includes(value)
      else return value
    }
  }

  // From loosest to tightest.
  private binary(level: number): Operand {
    const operators = [['|'], ['^'], ['&'], ['+', '-'], ['*', '/', '//', '%']][level]
    if (operators === undefined) return this.sign()
    let value = this.binary(level + 1)
    for (;;) {
      const operator = this.takeOne(operators)
      if (operator === null) return value
      value = arithmetic(operator, value, this.binary(level + 1))
    }
  }

  private sign(): Operand {
    if (this.take('-')) return this.nested(() => -numeric(this.sign(), '-'))
    if (this.take('+')) return this.nested(() => numeric(this.sign(), '+'))
    const base = this.atom()
    return this.take('**') ? this.nested(() => power(base, this.sign())) : base
  }

  private atom(): Operand {
    const token = this.tokens[this.index]
    if (token === undefined) throw new Senseless('something is missing at its end')
    this.index += 1
    if (token === '(') return this.nested(() => this.closed(this.or()))
    if (/^\d/.test(token)) return Number(token)
    if (/^['"]/.test(token)) return token.slice(1, -1)
    if (/^[\p{L}_]/u.test(token)) return named(token)
    throw new Senseless(`${JSON.stringify(token)} was not expected there`)
  }

  private members(): readonly Operand[] {
    if (!this.take('(')) throw new Senseless('"in" needs a list in parentheses, such as in (a, b)')
    const list = [this.or()]
    while (this.take(',')) if (this.tokens[this.index] !== ')') list.push(this.or())
    this.closed(null)
    return list
  }

  private closed(value: Operand): Operand {
    if (!this.take(')')) throw new Senseless('a parenthesis is not closed')
    return value
  }

  private nested(value: () => Operand): Operand {
    this.depth += 1
    if (this.depth > 30) throw new Senseless('it is nested too deeply')
    const result = value()
    this.depth -= 1
    return result
  }

  private take(token: string): boolean {
    if (this.tokens[this.index] !== token) return false
    this.index += 1
    return true
  }

  private takeOne(of: readonly string[]): string | null {
    return of.find((token) => this.take(token)) ?? null
  }
}

function named(token: string): Operand {
  switch (token) {
    case 'True':
      return true
    case 'False':
      return false
    case 'None':
      return null
    default:
      if (token.includes('.')) throw new Senseless(`${token} needs quotes, since it holds a dot`)
      return token
  }
}

function compare(operator: string, left: Operand, right: Operand): boolean {
  if (operator === '==') return left === right
  if (operator === '!=') return left !== right
  const [a, b] =
    typeof left === 'string' && typeof right === 'string'
      ? [left, right]
      : [numeric(left, operator), numeric(right, operator)]
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}

function arithmetic(operator: string, left: Operand, right: Operand): Operand {
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right
  const a = numeric(left, operator)
  const b = numeric(right, operator)
  return finite(calculated(operator, a, b))
}

function calculated(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    case '//':
      return Math.floor(a / b)
    case '%':
      return a - b * Math.floor(a / b)
    default:
      return bitwise(operator, BigInt(integer(a, operator)), BigInt(integer(b, operator)))
  }
}

function bitwise(operator: string, a: bigint, b: bigint): number {
  if (operator === '|') return Number(a | b)
  return Number(operator === '&' ? a & b : a ^ b)
}

function power(base: Operand, exponent: Operand): number {
  return finite(numeric(base, '**') ** numeric(exponent, '**'))
}

function numeric(value: Operand, operator: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  throw new Senseless(
    `${operator} needs numbers, and ${written(value) === '' ? 'None' : JSON.stringify(value)} is none`,
  )
}

function integer(value: number, operator: string): number {
  if (Number.isSafeInteger(value)) return value
  throw new Senseless(`${operator} needs whole numbers, and ${value} is none`)
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new Senseless('the result is no finite number')
}

function truthy(value: Operand): boolean {
  return value !== null && value !== '' && value !== 0 && value !== false
}

function written(value: Operand): string {
  if (value === null) return ''
  return String(value)
}
