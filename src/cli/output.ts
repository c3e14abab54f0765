import type { Failure } from '../core/result.js'
import type { Call } from './command.js'
import { clean } from './render/paint.js'
import type { Terminal } from './terminal.js'

/** Prints a value in the format that was asked for; `lines` is what people read. */
export async function show(call: Call, value: unknown, lines: () => readonly string[]): Promise<void> {
  call.terminal.out(await formatted(call, value, lines))
}

/** The answer in the format that was asked for; `lines` is called for a table alone. */
export async function formatted(call: Call, value: unknown, lines: () => readonly string[]): Promise<string> {
  switch (call.format) {
    case 'table':
      return lines()
        .map((line) => `${line}\n`)
        .join('')
    case 'json':
      return `${JSON.stringify(value, null, 2)}\n`
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(value)
    }
  }
}

/** Says on standard error why not, and gives exit code 1. What the message says already is not repeated from the details. */
export function refuse(terminal: Terminal, failure: Failure): number {
  const { message, details = [] } = failure
  const lines = [message, ...details.filter((detail) => !message.startsWith(detail))]
  terminal.err(`${lines.map(clean).join('\n')}\n`)
  return 1
}
