import type { Result } from '../../../core/result.js'
import type { Context } from '../../driver.js'
import { markedProcesses, processAt, type Process } from '../../kit/processes.js'
import type { Look } from '../../look.js'

// Where an application's process is found again: a note with its pid and start time; or, if that was lost, its environment.

/** What LONGSHORE_ACTION is for the application itself, unlike for the commands of actions around it. */
export const RUNNING = 'run'

export interface AppProcesses {
  readonly main: Process | null
  /** Others that descend from it, whether or not it still runs. */
  readonly others: readonly Process[]
}

/** What runs of the application: the noted process, and with `kill: tree` all that carry its mark. */
export async function processesOf(ctx: Context, look: Look): Promise<AppProcesses> {
  const noted = await notedProcess(ctx)
  const all = noted === null || ctx.resource.keywords['kill'] === 'tree' ? await markedHere(ctx, look) : []
  // A session leader is what was started; without a note the oldest is taken for it.
  const main = noted ?? all.find((one) => one.pid === one.group) ?? null
  return { main, others: all.filter((one) => one.pid !== main?.pid) }
}

async function markedHere(ctx: Context, look: Look): Promise<readonly Process[]> {
  const marked = await markedProcesses(look)
  return marked
    .filter(
      ({ variables }) =>
        variables['LONGSHORE_SERVICE'] === ctx.service.name &&
        variables['LONGSHORE_RID'] === ctx.resource.rid &&
        variables['LONGSHORE_ACTION'] === RUNNING,
    )
    .map(({ process }) => process)
    .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid)
}

const directory = (ctx: Context): string => `${ctx.runDir}/app/${ctx.service.name}`

const notePath = (ctx: Context): string => `${directory(ctx)}/${ctx.resource.rid}.pid`

async function notedProcess(ctx: Context): Promise<Process | null> {
  const note = await ctx.io.files.read(notePath(ctx))
  if (!note.ok) return null
  const [pid, startTicks] = note.value.trim().split(' ').map(Number)
  const process = pid === undefined || !Number.isInteger(pid) ? null : await processAt(ctx.io.files, pid)
  return process?.startTicks === startTicks ? process : null
}

/** Writes down which process was started, with its start time, since pids come again. */
export async function note(ctx: Context, process: Process): Promise<Result<void>> {
  const made = await ctx.io.files.makeDirectory(directory(ctx))
  if (!made.ok) return made
  return ctx.io.files.write(notePath(ctx), `${process.pid} ${process.startTicks}\n`)
}

/** Those of the processes that still run. */
export async function stillRunning(ctx: Context, processes: readonly Process[]): Promise<readonly Process[]> {
  const now = await Promise.all(processes.map((one) => processAt(ctx.io.files, one.pid)))
  return processes.filter((one, at) => now[at]?.startTicks === one.startTicks)
}

export const noProcesses: AppProcesses = { main: null, others: [] }

export const assumedProcesses: AppProcesses = {
  main: { pid: 0, parent: 1, group: 0, startTicks: 0 },
  others: [],
}
