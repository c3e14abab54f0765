import { readdir, readFile } from 'node:fs/promises'

/** Sends SIGKILL to every process of a group. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nothing of it is left.
  }
}

/** Does a process of the group still run? Zombies do not count: on a machine whose init reaps slowly they stay for long. */
export async function groupIsAlive(group: number): Promise<boolean> {
  if (!groupExists(group)) return false
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const running = await Promise.all(pids.map((pid) => runsInGroup(pid, group)))
  return running.includes(true)
}

function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0)
    return true
  } catch {
    return false
  }
}

/** Fields after the command's name in /proc/PID/stat: state, parent, process group (proc(5)). */
async function runsInGroup(pid: string, group: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(processGroup) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}
