import { setPriority } from 'node:os'

/** The most that nice(2) gives. */
const FIRST = -20
const ORDINARY = 0

/**
 * This process goes before all others that are not real-time ones: what it must do each second takes milliseconds, and a node whose beats wait behind
 * fifty busy processes loses its lease. (Corosync runs in a real-time class for the same reason, corosync.conf(5) `sched_rr`.) Where it is not
 * allowed to, it goes on as it is.
 */
export const takePrecedence = (): void => attempt(0, FIRST)

/** A command that the daemon started is as urgent as one that an operator types. One that has ended meanwhile needs nothing. */
export const asOthers = (pid: number): void => attempt(pid, ORDINARY)

function attempt(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {
    // Not allowed, or gone.
  }
}
