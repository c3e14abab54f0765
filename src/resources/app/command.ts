import { ok, type Result } from '../../core/result.js'
import { splitWords } from '../../spec/words.js'
import { listOf, numberOf, textOf, type CommandStep, type Context, type Tool } from '../driver.js'
import { primaryGroup } from '../kit/accounts.js'
import { commandText } from '../kit/command-text.js'
import type { Look } from '../look.js'

// What applications have in common: which command an action is, and what it runs in. Limits, umask and identity are set by commands in front of
// it that put it in their own place, so that the process that was started is the application.

export type AppAction = 'start' | 'stop' | 'check'

/** What the script is told for each action. */
const ARGUMENT: Readonly<Record<AppAction, string>> = { start: 'start', stop: 'stop', check: 'status' }

/** Commands put in front, and the Debian packages that they come from. */
export const APP_TOOLS: readonly Tool[] = [
  { command: 'setpriv', package: 'util-linux' },
  { command: 'prlimit', package: 'util-linux' },
  { command: 'kill', package: 'procps' },
]

/** The configured command of an action, as given; null where the action is nothing. */
export function commandOf(ctx: Context, action: AppAction): readonly string[] | null {
  const text = (textOf(ctx.resource, action) ?? '').trim()
  const script = textOf(ctx.resource, 'script')
  if (text === '' || /^(false|no|none)$/i.test(text)) return null
  if (/^(\d+|true|yes)$/i.test(text)) return script === null ? null : [script, ARGUMENT[action]]
  return splitWords(text) ?? [text]
}

/** What the log, the dry run and the label call the application. */
export const appName = (ctx: Context): string => {
  const command = commandOf(ctx, 'start') ?? commandOf(ctx, 'check') ?? ['nothing']
  return commandText(command).slice(0, 80)
}

/** The user's own first group, where the configuration names a user and no group. */
export async function groupOf(ctx: Context, look: Look): Promise<Result<string | null>> {
  const user = textOf(ctx.resource, 'user')
  const group = textOf(ctx.resource, 'group')
  if (user === null || group !== null) return ok(group)
  const gid = await primaryGroup(look, user)
  if (gid !== null) return ok(String(gid))
  const message = `this node knows no user ${user} with a group: create it, or set group`
  return { ok: false, error: { code: 'UNKNOWN', message } }
}

/** A command with everything in front of it that its resource asks for. */
export const wrapped = (
  ctx: Context,
  group: string | null,
  command: readonly string[],
): readonly string[] => [...limits(ctx), ...umask(ctx), ...identity(ctx, group), ...command]

const LIMITS = ['as', 'core', 'data', 'fsize', 'memlock', 'nofile', 'nproc', 'rss', 'stack'] as const

function limits(ctx: Context): readonly string[] {
  const given = LIMITS.flatMap((name) => {
    const value = numberOf(ctx.resource, `limit_${name}`)
    return value === null ? [] : [`--${name}=${value}`]
  })
  const cpuMs = numberOf(ctx.resource, 'limit_cpu')
  // Virtual memory is what the kernel calls the address space.
  const virtual = numberOf(ctx.resource, 'limit_vmem')
  const all = [
    ...given,
    ...(cpuMs === null ? [] : [`--cpu=${Math.ceil(cpuMs / 1000)}`]),
    ...(virtual === null || given.some((one) => one.startsWith('--as=')) ? [] : [`--as=${virtual}`]),
  ]
  return all.length === 0 ? [] : ['prlimit', ...all]
}

/** No program sets a umask for another: this shell's text is fixed, and the command comes as its arguments. */
function umask(ctx: Context): readonly string[] {
  const mask = numberOf(ctx.resource, 'umask')
  return mask === null ? [] : ['sh', '-c', `umask ${mask.toString(8).padStart(4, '0')}; exec "$@"`, 'sh']
}

function identity(ctx: Context, group: string | null): readonly string[] {
  const user = textOf(ctx.resource, 'user')
  if (user === null) return group === null ? [] : ['setpriv', `--regid=${group}`, '--keep-groups']
  const groups = /^\d+$/.test(user) ? '--clear-groups' : '--init-groups'
  return ['setpriv', `--reuid=${user}`, `--regid=${group ?? user}`, groups]
}

/** Working directory and variables of an application's commands. */
export function surroundings(ctx: Context): Pick<CommandStep, 'env' | 'cwd'> {
  const words = listOf(ctx.resource, 'environment').filter((word) => word.includes('='))
  const env = Object.fromEntries(
    words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  )
  return { env, cwd: textOf(ctx.resource, 'cwd') ?? '/' }
}
