import { fail, ok, type Result } from '../../../core/result.js'
import { textOf, type Act, type Context, type Driver, type Report, type Step } from '../../driver.js'
import { commandText } from '../../kit/command-text.js'
import { resourceEnvironment } from '../../kit/environment.js'
import { processAt } from '../../kit/processes.js'
import { killService } from '../../kit/sever.js'
import type { Look } from '../../look.js'
import { check } from '../check.js'
import { APP_TOOLS, appName, commandOf, groupOf, surroundings, wrapped } from '../command.js'
import { end } from './end.js'
import { assumedProcesses, noProcesses, note, processesOf, RUNNING, type AppProcesses } from './instance.js'
import { keywords } from './keywords.js'

export interface SimpleSeen {
  readonly processes: AppProcesses
  /** What the application's own check says while it runs; null where it has none, or does not run. */
  readonly checked: Report | null
  readonly group: string | null
}

/** A program that ends this soon after its start has failed. */
const GRACE_MS = 200

/** A process that stays in the foreground: started in a session of its own, which outlives the agent. */
export const appSimple: Driver<SimpleSeen> = {
  group: 'app',
  type: 'simple',
  keywords,
  tools: APP_TOOLS,
  events: [],
  label: (ctx) => `simple ${appName(ctx)}`,
  // Its processes are found by their service and rid, whatever was started.
  identity: () => 'simple',
  look: see,
  status,
  start(ctx, { processes, group }) {
    const command = commandOf(ctx, 'start')
    if (command === null || processes.main !== null) return []
    return [...end(ctx, processes, group), launch(ctx, wrapped(ctx, group, command))]
  },
  stop: (ctx, { processes, group }) => end(ctx, processes, group),
  released: (_, { processes }) => processes.main === null && processes.others.length === 0,
  sever: killService,
  assume: (ctx, state) => ({
    processes: state === 'up' ? assumedProcesses : noProcesses,
    checked: null,
    group: textOf(ctx.resource, 'group'),
  }),
}

async function see(ctx: Context, look: Look): Promise<Result<SimpleSeen>> {
  const group = await groupOf(ctx, look)
  if (!group.ok) return group
  const processes = await processesOf(ctx, look)
  const checked = processes.main === null ? null : await check(ctx, group.value)
  return ok({ processes, checked, group: group.value })
}

function status(_: Context, { processes, checked }: SimpleSeen): Report {
  if (processes.main !== null) return checked ?? { status: 'up', messages: [] }
  if (processes.others.length === 0) return { status: 'down', messages: [] }
  const pids = processes.others.map((one) => one.pid).join(', ')
  return {
    status: 'warn',
    messages: [{ level: 'warn', text: `it has ended, but processes that it started have not: pid ${pids}` }],
  }
}

function launch(ctx: Context, argv: readonly string[]): Step {
  return { kind: 'do', text: `${commandText(argv)} &`, run: (act) => launched(ctx, act, argv) }
}

async function launched(ctx: Context, act: Act, argv: readonly string[]): Promise<Result<void>> {
  const { env, cwd } = surroundings(ctx)
  const variables = { ...resourceEnvironment(ctx, RUNNING), ...env }
  const pid = await act.io.exec.detach(argv, { env: variables, cwd: cwd ?? '/' })
  if (!pid.ok) return pid
  const begun = await processAt(act.io.files, pid.value)
  if (begun !== null) {
    const noted = await note(ctx, begun)
    if (!noted.ok) return noted
  }
  await act.sleep(GRACE_MS)
  const running = await processAt(act.io.files, pid.value)
  if (running !== null) return ok(undefined)
  return fail('NOT_EFFECTIVE', 'the process ended at once: run its command by hand to see why')
}
