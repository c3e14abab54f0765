import { fail, ok, type Result } from '../core/result.js'
import { parseDuration } from '../core/units.js'

/** Values of the options of a command line, by their long names without dashes. */
export interface Options {
  flag(name: string): boolean
  /** Null where neither the option nor its `--no-` was given. */
  choice(name: string): boolean | null
  text(name: string): string | null
  list(name: string): readonly string[]
}

/** Options by their names as typed (`dry-run`), of values as the parser names them (`dryRun`). */
export function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  const value = (name: string): unknown => values[camelCase(name)]
  return {
    flag: (name) => value(name) === true,
    choice: (name) => {
      const given = value(name)
      return typeof given === 'boolean' ? given : null
    },
    text: (name) => {
      const given = value(name)
      return typeof given === 'string' ? given : null
    },
    list: (name) => {
      const given = value(name)
      return Array.isArray(given) ? given.map(String) : []
    },
  }
}

// Commander's own naming of option values.
const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_whole, letter: string) => letter.toUpperCase())

/** Milliseconds of an option like `--time 5m`; null where it was not given. */
export function durationOption(options: Options, name: string): Result<number | null> {
  const text = options.text(name)
  if (text === null) return ok(null)
  const ms = parseDuration(text)
  return ms === null ? fail('INVALID', `--${name} ${text} is no duration: write 30s, 5m or 1h30m`) : ok(ms)
}
