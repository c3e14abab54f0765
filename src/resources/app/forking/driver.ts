import { ok, type Result } from '../../../core/result.js'
import { textOf, type Context, type Driver, type Report, type Step } from '../../driver.js'
import { commandText } from '../../kit/command-text.js'
import { killService } from '../../kit/sever.js'
import type { Look } from '../../look.js'
import { check, waitForCheck } from '../check.js'
import { APP_TOOLS, appName, commandOf, groupOf, surroundings, wrapped } from '../command.js'
import { keywords } from './keywords.js'

export interface ForkingSeen {
  /** What the check said; null where the application has none. */
  readonly checked: Report | null
  /** Group that its commands run in; null for the agent's own. */
  readonly group: string | null
}

/** A program that puts itself into the background. Only its own check tells whether it runs. */
export const appForking: Driver<ForkingSeen> = {
  group: 'app',
  type: 'forking',
  keywords,
  tools: APP_TOOLS,
  events: [],
  label: (ctx) => `forking ${appName(ctx)}`,
  // Another check looks at something else. How it is started and stopped may be mended while it is up.
  identity: (ctx) => `forking ${commandText(commandOf(ctx, 'check') ?? ['no check'])}`,
  look: see,
  status: (_, { checked }) => checked ?? unchecked,
  start(ctx, seen) {
    const command = commandOf(ctx, 'start')
    if (command === null || seen.checked?.status === 'up') return []
    return [step(ctx, seen, command, false), ...wait(ctx, seen, 'up')]
  },
  stop(ctx, seen) {
    const command = commandOf(ctx, 'stop')
    if (command === null || seen.checked?.status === 'down') return []
    // With a check it is the check that counts; without one the command's word is all there is.
    return [step(ctx, seen, command, seen.checked !== null), ...wait(ctx, seen, 'down')]
  },
  sever: killService,
  assume: (ctx, state) => ({
    checked: commandOf(ctx, 'check') === null ? null : { status: state, messages: [] },
    group: textOf(ctx.resource, 'group'),
  }),
}

const unchecked: Report = { status: 'n/a', messages: [{ level: 'info', text: 'check is not set' }] }

async function see(ctx: Context, look: Look): Promise<Result<ForkingSeen>> {
  const group = await groupOf(ctx, look)
  if (!group.ok) return group
  return ok({ checked: await check(ctx, group.value), group: group.value })
}

const step = (ctx: Context, seen: ForkingSeen, command: readonly string[], tolerate: boolean): Step => ({
  kind: 'command',
  argv: wrapped(ctx, seen.group, command),
  tolerate,
  ...surroundings(ctx),
})

function wait(ctx: Context, { checked, group }: ForkingSeen, wanted: 'up' | 'down'): readonly Step[] {
  if (checked === null) return []
  return [
    { kind: 'do', text: `wait for ${wanted} status`, run: (act) => waitForCheck(ctx, group, act, wanted) },
  ]
}
