import { Command as Parser, CommanderError, Option } from 'commander'
import { fail, ok, type Result } from '../core/result.js'
import type { Command, CommandOption } from './command.js'
import { COMMON } from './commands/options.js'
import { optionsOf, type Options } from './options.js'

export interface Parsed {
  readonly arguments: readonly string[]
  readonly options: Options
}

/** Arguments and options of one command. `help` carries the text that was asked for with `--help`. */
export function parse(command: Command, argv: readonly string[]): Result<Parsed | { readonly help: string }> {
  let help = ''
  const parser = parserOf(command)
  parser.exitOverride().configureOutput({
    writeOut: (text) => {
      help += text
    },
    outputError: () => undefined,
  })
  try {
    parser.parse(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return ok({ help })
    return fail('INVALID', `${sentence(error.message)}; see '${usage(command)} --help'`)
  }
  return ok({ arguments: parser.args, options: optionsOf(parser.opts()) })
}

/** What `--help` prints. */
export function helpText(command: Command): string {
  return parserOf(command).helpInformation()
}

function parserOf(command: Command): Parser {
  const parser = new Parser(usage(command)).description(`${command.help}.`)
  for (const argument of command.arguments ?? []) parser.argument(argument.flags, argument.help)
  for (const option of [...command.options, ...COMMON]) parser.addOption(optionOf(option))
  return parser.helpOption('-h, --help', 'print this')
}

/** `om SERVICE print status` */
export function usage(command: Command): string {
  const prefix = {
    service: 'om SERVICE',
    node: 'om node',
    cluster: 'om cluster',
    daemon: 'om daemon',
    alone: 'om',
  }
  return `${prefix[command.scope]} ${command.words}`
}

function optionOf(option: CommandOption): Option {
  const made = new Option(option.flags, option.help)
  const { repeat } = option
  if (repeat === undefined) return made
  return made.argParser<string[]>((value, previous) => [
    ...(previous ?? []),
    ...(repeat === 'commas' ? value.split(',').filter((part) => part !== '') : [value]),
  ])
}

/** Commander's message, in our manner: no prefix, no capital, one line. */
function sentence(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '')
    .replace(/\. Expected (\d+) arguments? but got (\d+)/, ' ($1 expected, $2 given)')
}
