import type { Files } from '../../daemon/ports.js'
import type { Look } from '../look.js'

/** A running process. Pid and start time together are never used twice within a boot. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Clock ticks after boot. */
  readonly startTicks: number
}

/** Null where there is none, or only what its parent has not yet taken note of. */
export async function processAt(files: Files, pid: number): Promise<Process | null> {
  const stat = await files.read(`/proc/${pid}/stat`)
  return stat.ok ? parseStat(stat.value) : null
}

/** `123 (name) S 1 123 123 …`: fields by proc(5); the name may hold anything, brackets too. */
export function parseStat(text: string): Process | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parent, group] = fields
  const startTicks = fields[19]
  if (state === undefined || startTicks === undefined || state === 'Z' || state === 'X') return null
  return {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    startTicks: Number(startTicks),
  }
}

/** A process with the variables named `LONGSHORE_…` of its environment, as it was when the program began. */
export interface Marked {
  readonly process: Process
  readonly variables: Readonly<Record<string, string>>
}

const MARK = 'LONGSHORE_RID='

/** Processes that were started for a resource, or descend from one that was; asked once a look. */
export function markedProcesses(look: Look): Promise<readonly Marked[]> {
  return look.once('marked processes', async ({ files }) => {
    const listed = await files.list('/proc')
    const pids = (listed.ok ? listed.value : []).filter((name) => /^\d+$/.test(name)).map(Number)
    const found = await Promise.all(pids.map((pid) => marked(files, pid)))
    return found.filter((one) => one !== null)
  })
}

async function marked(files: Files, pid: number): Promise<Marked | null> {
  const environment = await files.read(`/proc/${pid}/environ`)
  if (!environment.ok || !environment.value.includes(MARK)) return null
  const process = await processAt(files, pid)
  if (process === null) return null
  const own = environment.value.split('\0').filter((entry) => entry.startsWith('LONGSHORE_'))
  const variables = Object.fromEntries(
    own.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  return { process, variables }
}
