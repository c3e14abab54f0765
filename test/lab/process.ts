// Processes the lab started, known by number and start time: a number alone may mean someone else's process later.
import { readFile } from 'node:fs/promises'
import { eventually } from './wait.js'

export interface Started {
  readonly pid: number
  /** Clock ticks since the machine's boot, as in field 22 of /proc/PID/stat. */
  readonly start: string
}

/** The process with that number as it is now; undefined where there is none, or only a zombie. */
export async function processAt(pid: number): Promise<Started | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // the name, in brackets, may hold anything
  const fields = stat?.slice(stat.lastIndexOf(') ') + 2).split(' ')
  const start = fields?.[19]
  return start === undefined || fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : { pid, start }
}

export async function isAlive(started: Started): Promise<boolean> {
  return (await processAt(started.pid))?.start === started.start
}

/** Reads a `PID START` file. */
export async function readStarted(file: string): Promise<Started | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const [pid, start] = text.trim().split(' ')
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start }
}

/** Ends a recorded process at once; true when it is gone. */
export async function endProcess(started: Started): Promise<boolean> {
  if (await isAlive(started)) kill(started.pid, 'SIGKILL')
  return (await eventually(async () => !(await isAlive(started)), { timeoutMs: 5000 })) ?? false
}

/** Sends a signal; a process that is gone already is no error. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown
  }
}
