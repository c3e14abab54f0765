import { nearest } from '../../core/nearest.js'
import type { Action, Call, Command, Scope } from '../command.js'
import { refuse } from '../output.js'
import { helpText, usage } from '../parse.js'
import { table } from '../render/table.js'
import { commands } from '../table.js'

/** `om help`: every command; `om help switch`: one; `om help node`: those of a scope; `om help fs.mnt`: a configuration keyword. */
export const help: Action = async (call) => {
  const topic = call.arguments.join(' ')
  if (topic === '') return print(call, overview())
  const scope = SCOPES.find((each) => each.scope === topic)
  if (scope !== undefined) return print(call, section(scope))
  const named = commands.filter((command) => answersTo(command, topic))
  if (named.length > 0) return print(call, named.map(helpText).join('\n'))
  return keyword(call, topic)
}

function print(call: Call, text: string): number {
  call.terminal.out(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

/** `switch`, `print status`, `node drain`, `cluster print config` */
function answersTo(command: Command, topic: string): boolean {
  const asked = topic.replaceAll('_', ' ')
  return asked === command.words || asked === `${command.scope} ${command.words}`
}

/** The schema is large; it is loaded only here. */
async function keyword(call: Call, topic: string): Promise<number> {
  const { keywordHelp } = await import('../../spec/help.js')
  const { schemaOf } = await import('../../spec/schema.js')
  const { driverSections } = await import('../../resources/sections.js')
  const text = keywordHelp(schemaOf(driverSections), topic)
  if (text.ok) return print(call, text.value)
  const near = nearest(
    topic,
    commands.map((command) => command.words),
  )
  if (near === null) return refuse(call.terminal, text.error)
  return refuse(call.terminal, {
    code: 'UNKNOWN',
    message: `there is no help for '${topic}': did you mean '${near}'?`,
  })
}

interface ScopeHelp {
  readonly scope: Scope
  readonly head: string
}

const SCOPES: readonly ScopeHelp[] = [
  { scope: 'service', head: 'om SERVICE …    a name, a glob, a,b or, a+b and, !a not' },
  { scope: 'node', head: 'om node …' },
  { scope: 'cluster', head: 'om cluster …' },
  { scope: 'daemon', head: 'om daemon …' },
  { scope: 'alone', head: 'om …' },
]

/** Every command with its one line. */
export function overview(): string {
  const foot =
    "'om help COMMAND' tells more of a command, 'om help KEYWORD' of a configuration keyword (fs.mnt).\n"
  return `${SCOPES.map(section).join('\n')}\n${foot}`
}

function section({ scope, head }: ScopeHelp): string {
  const own = commands.filter((command) => command.scope === scope)
  const prefix = scope === 'service' ? 'om SERVICE ' : scope === 'alone' ? 'om ' : `om ${scope} `
  const rows = own.map((command) => {
    const words = [
      usage(command).slice(prefix.length),
      ...(command.arguments ?? []).map((each) => each.flags),
    ]
    return [`  ${words.join(' ')}`, command.help]
  })
  return `${[head, ...table(rows)].join('\n')}\n`
}
