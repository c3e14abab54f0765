import { setPriority } from 'node:os'
import type { Exec } from '../ports.js'

/** The most that nice(2) gives. */
const FIRST = -20
const ORDINARY = 0

/** `chrt` answers at once. */
const CHRT_MS = 5_000

/**
 * This process goes before all others: what it must do each second takes milliseconds, and a node whose beats wait behind fifty busy processes loses its
 * lease. By nice(2) at once, and then in a real-time class, as Corosync does (corosync.conf(5) `sched_rr`): where the kernel groups processes by their
 * sessions, nice(2) counts within a group alone (sched(7), "The autogroup feature"). What it starts is ordinary again (SCHED_RESET_ON_FORK). Where it
 * is not allowed to, it goes on as it is, and says so.
 */
export async function takePrecedence(exec: Exec, complain: (sentence: string) => void): Promise<void> {
  attempt(0, FIRST)
  const command = ['chrt', '--all-tasks', '--rr', '--reset-on-fork', '--pid', '1', String(process.pid)]
  const { outcome, exit, stderr } = await exec.run(command, { timeoutMs: CHRT_MS })
  if (outcome === 'exited' && exit === 0) return
  const why = stderr.trim().split('\n')[0] || `chrt ended with ${outcome} ${exit}`
  complain(`beats may be late while this machine is busy: no real-time priority (${why})`)
}

/** A command that the daemon started is as urgent as one that an operator types. One that has ended meanwhile needs nothing. */
export const asOthers = (pid: number): void => attempt(pid, ORDINARY)

function attempt(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {
    // Not allowed, or gone.
  }
}
