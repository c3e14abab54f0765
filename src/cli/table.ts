import { nearest } from '../core/nearest.js'
import { fail, ok, type Result } from '../core/result.js'
import type { Command, Scope } from './command.js'
import { otherCommands } from './commands/others.js'
import { serviceCommands } from './commands/service.js'

/** Every command there is. */
export const commands: readonly Command[] = [...serviceCommands, ...otherCommands]

export interface Found {
  readonly command: Command
  /** What stands after the command's own words. */
  readonly rest: readonly string[]
}

/** The command that begins with the longest run of these words: `print status --format json`, `print_status`. */
export function find(scope: Scope, words: readonly string[]): Result<Found> {
  const own = commands.filter((command) => command.scope === scope)
  const options = words.findIndex((word) => word.startsWith('-'))
  const typed = options < 0 ? words : words.slice(0, options)
  for (let count = Math.min(3, typed.length); count > 0; count--) {
    const name = canonical(typed.slice(0, count).join(' '))
    const command = own.find((each) => canonical(each.words) === name)
    if (command !== undefined) return ok({ command, rest: words.slice(count) })
  }
  return unknown(scope, typed, own)
}

const canonical = (words: string): string => words.replaceAll(/[_-]/g, ' ')

function unknown(scope: Scope, typed: readonly string[], own: readonly Command[]): Result<never> {
  const prefix = scope === 'alone' ? 'om' : scope === 'service' ? 'om SERVICE' : `om ${scope}`
  if (typed.length === 0)
    return fail('INVALID', `what shall be done? 'om help' lists the commands of ${prefix}`)
  const names = own.map((command) => command.words)
  const near = nearest(typed.slice(0, 2).join(' '), names) ?? nearest(typed[0] ?? '', names)
  const hint = near === null ? "'om help' lists those there are" : `did you mean '${near}'?`
  return fail('UNKNOWN', `'${typed[0]}' is no command of ${prefix}: ${hint}`)
}
