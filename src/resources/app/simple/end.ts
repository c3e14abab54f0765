import { fail, ok, type Result } from '../../../core/result.js'
import type { Act, Context, Step } from '../../driver.js'
import { commandOf, surroundings, wrapped } from '../command.js'
import { processesOf, stillRunning, type AppProcesses } from './instance.js'
import type { Process } from '../../kit/processes.js'

const POLL_MS = 100

/** What is left of the time for a stop when it comes to SIGKILL. */
const FOR_KILLING_MS = 3_000
const PART_FOR_KILLING = 0.2

/** Asks the application to end, by its stop command or SIGTERM, waits, and kills what does not end in time. */
export function end(ctx: Context, processes: AppProcesses, group: string | null): readonly Step[] {
  const { main, others } = processes
  const all = main === null ? others : [main, ...others]
  if (all.length === 0) return []
  const command = commandOf(ctx, 'stop')
  const own: readonly Step[] =
    command === null
      ? []
      : [{ kind: 'command', argv: wrapped(ctx, group, command), tolerate: true, ...surroundings(ctx) }]
  const text = `${command === null ? `kill -TERM ${targets(ctx, all).join(' ')}, ` : ''}wait for down status`
  return [...own, { kind: 'do', text, run: (act) => endAll(ctx, act, all, command === null) }]
}

/** With `kill = tree` the process group and every descendant at once, else the process, which may end its own. */
function targets(ctx: Context, processes: readonly Process[]): readonly string[] {
  if (ctx.resource.keywords['kill'] !== 'tree') return processes.map((one) => String(one.pid))
  const groups = new Set(processes.filter((one) => one.pid === one.group).map((one) => one.group))
  const alone = processes.filter((one) => !groups.has(one.group)).map((one) => String(one.pid))
  return [...[...groups].map((group) => `-${group}`), ...alone]
}

async function endAll(ctx: Context, act: Act, all: readonly Process[], ask: boolean): Promise<Result<void>> {
  const leftMs = act.deadlineMs - act.io.clock.nowMs()
  const killAtMs = act.deadlineMs - Math.min(FOR_KILLING_MS, leftMs * PART_FOR_KILLING)
  if (ask) await send(ctx, act, 'TERM', await stillRunning(ctx, all))
  if ((await waitGone(ctx, act, all, killAtMs)).length === 0) {
    // What it started and left behind would go on using what is stopped next.
    const orphans = await running(ctx, act)
    await send(ctx, act, 'TERM', orphans)
    await waitGone(ctx, act, orphans, killAtMs)
  }
  const last = await running(ctx, act)
  if (last.length === 0) return ok(undefined)
  act.log('warn', `${last.map((one) => `pid ${one.pid}`).join(', ')} did not end in time`)
  await send(ctx, act, 'KILL', last)
  const left = await waitGone(ctx, act, last, act.deadlineMs - POLL_MS)
  if (left.length === 0) return ok(undefined)
  return fail(
    'EXEC_STUCK',
    `pid ${left.map((one) => one.pid).join(', ')} outlived SIGKILL: it hangs in the kernel`,
  )
}

async function running(ctx: Context, act: Act): Promise<readonly Process[]> {
  const { main, others } = await processesOf(ctx, act.look())
  return main === null ? others : [main, ...others]
}

async function send(
  ctx: Context,
  act: Act,
  signal: 'TERM' | 'KILL',
  processes: readonly Process[],
): Promise<void> {
  if (processes.length === 0) return
  await act.command(['kill', `-${signal}`, '--', ...targets(ctx, processes)], { tolerate: true })
}

async function waitGone(
  ctx: Context,
  act: Act,
  processes: readonly Process[],
  untilMs: number,
): Promise<readonly Process[]> {
  for (;;) {
    const left = await stillRunning(ctx, processes)
    if (left.length === 0 || act.signal.aborted || act.io.clock.nowMs() >= untilMs) return left
    await act.sleep(POLL_MS)
  }
}
