import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Cancel, Clock } from '../ports.js'
import { killGroup } from './exec-group.js'

/** Shorter looks are not worth a file: they change nothing, and end by themselves. Milliseconds. */
const lastingMs = 100

/**
 * Which commands run, in a directory that a boot empties: a daemon that was killed leaves its commands running, and the next one would begin the same
 * work beside them. A file a command, named by its process group, with when it began and its words.
 */
export interface ExecRecord {
  /** A command has begun, which may change something or only looks; to be called when it has ended. */
  begun(pid: number, argv: readonly string[], kind: 'change' | 'look'): Cancel
}

export const noRecord: ExecRecord = { begun: () => () => undefined }

/** A record on disk of the commands under way, by which a new daemon ends what a killed one left. */
export function execRecord(directory: string, clock: Clock): ExecRecord {
  return {
    begun: (pid, argv, kind) => {
      let written = false
      const note = (): void => void (written = write(directory, pid, argv))
      const cancel = kind === 'change' ? null : clock.at(clock.nowMs() + lastingMs, note)
      if (kind === 'change') note()
      return () => {
        cancel?.()
        if (written) rmSync(`${directory}/${pid}`, { force: true })
      }
    },
  }
}

/** A record that cannot be written costs no more than what it would have given. */
function write(directory: string, pid: number, argv: readonly string[]): boolean {
  const beganAt = startOf(pid)
  if (beganAt === null) return false
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(`${directory}/${pid}`, JSON.stringify({ beganAt, argv }), { mode: 0o600 })
    return true
  } catch {
    return false
  }
}

/** Kills what a former daemon has left running, and forgets it; the words of each. Not what took over a process id since. */
export function endLeftovers(directory: string): readonly string[] {
  return recorded(directory).flatMap((name) => {
    const path = `${directory}/${name}`
    const pid = Number(name)
    const ended = leftover(path, pid)
    if (ended !== null) killGroup(pid)
    rmSync(path, { force: true })
    return ended === null ? [] : [ended]
  })
}

function recorded(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

function leftover(path: string, pid: number): string | null {
  try {
    const { beganAt, argv } = JSON.parse(readFileSync(path, 'utf8')) as Recorded
    return beganAt === startOf(pid) ? argv.join(' ') : null
  } catch {
    // Cut off in the middle by a crash: nothing is known, so nothing is killed.
    return null
  }
}

interface Recorded {
  readonly beganAt: string
  readonly argv: readonly string[]
}

/** When a process began, in clock ticks after the boot: field 22 of /proc/PID/stat (proc(5)); null where there is none. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
