import { fail, ok, type Result } from '../core/result.js'
import { connect, socketPath } from './client.js'
import type { Call, Command, Format } from './command.js'
import { misfit, nativeBuild } from '../native.js'
import { nativeFile } from './installation.js'
import { invocation } from './invocation.js'
import { refuse } from './output.js'
import { optionsOf } from './options.js'
import type { Parsed } from './parse.js'
import { find } from './table.js'
import { paintFor, processTerminal, type Terminal } from './terminal.js'

/** Runs the program and sets the exit code; the process ends when nothing is left to do. */
export async function main(program: string): Promise<void> {
  const terminal = processTerminal()
  const unfit = misfit(nativeBuild(nativeFile), process.versions)
  process.exitCode =
    unfit === null
      ? await run(program, process.argv.slice(2), terminal)
      : refuse(terminal, { code: 'UNAVAILABLE', message: unfit })
}

/** One command line, from its words to its exit code: 0 done or already so, 1 refused, failed or timed out. */
export async function run(program: string, argv: readonly string[], terminal: Terminal): Promise<number> {
  if (argv[0] === '--names') return (await import('./names.js')).names(argv[1] ?? '', terminal)
  const asked = invocation(program, argv)
  if (!asked.ok) return refuse(terminal, asked.error)
  const { scope, selector, words } = asked.value
  if (scope === 'alone' && words[0] !== 'mon' && words[0] !== 'help') return bare(words, terminal)
  const found = find(scope, words)
  if (!found.ok) {
    return words.some(isHelp) ? run('om', ['help', scope], terminal) : refuse(terminal, found.error)
  }
  const { command, rest } = found.value
  const parsed = await understand(command, rest)
  if (!parsed.ok) return refuse(terminal, parsed.error)
  if ('help' in parsed.value) {
    terminal.out(parsed.value.help)
    return 0
  }
  return carryOut(command, selector, parsed.value, terminal)
}

/** Most commands are typed without arguments and options; then there is nothing to parse, and no parser is loaded. */
async function understand(
  command: Command,
  rest: readonly string[],
): Promise<Result<Parsed | { readonly help: string }>> {
  const needs = command.arguments?.some((argument) => argument.flags.startsWith('<')) === true
  if (rest.length === 0 && !needs) return ok({ arguments: [], options: optionsOf({}) })
  const { parse } = await import('./parse.js')
  return parse(command, rest)
}

async function carryOut(
  command: Command,
  selector: string,
  parsed: Parsed,
  terminal: Terminal,
): Promise<number> {
  const look = appearance(parsed)
  if (!look.ok) return refuse(terminal, look.error)
  const client = connect(socketPath(terminal.env))
  const call: Call = {
    selector,
    arguments: parsed.arguments,
    options: parsed.options,
    format: look.value.format,
    paint: paintFor(look.value.color, terminal),
    client,
    terminal,
  }
  try {
    const action = await command.load()
    return await action(call)
  } finally {
    client.close()
  }
}

function appearance(parsed: Parsed): Result<{ readonly format: Format; readonly color: string }> {
  const format = parsed.options.text('format') ?? 'table'
  const color = parsed.options.text('color') ?? 'auto'
  if (format !== 'table' && format !== 'json' && format !== 'yaml') {
    return fail('INVALID', `--format ${format}: table, json and yaml are the formats there are`)
  }
  if (!['auto', 'always', 'never'].includes(color)) {
    return fail('INVALID', `--color ${color}: auto, always and never are what there is`)
  }
  return ok({ format, color })
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h'

/** `om` without a command. */
async function bare(words: readonly string[], terminal: Terminal): Promise<number> {
  if (words[0] === '--version' || words[0] === '-V') {
    const { version } = await import('./version.js')
    terminal.out(`${await version()}\n`)
    return 0
  }
  const { overview } = await import('./actions/help.js')
  if (words.some(isHelp)) {
    terminal.out(overview())
    return 0
  }
  terminal.err(overview())
  return 1
}
