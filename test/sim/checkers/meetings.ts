import type { Cluster } from '../cluster.js'
import { guardAgainMs, guardStopsMs } from '../guard.js'

/** Whatever goes on after standing still has ended what it may not run any more: what the guard takes for it, on a slow clock. */
export const atOnceMs = guardStopsMs + 100
/** The guard notices so much later that a stop hangs no more. */
const afterHangMs = guardAgainMs + 100
const lookMs = 50

interface Meeting {
  readonly service: string
  readonly older: string
  readonly newer: string
}

export interface MeetingsPorts {
  readonly cluster: Cluster
  /** Two of them were up at once, and that could not be helped. */
  readonly counted: () => void
  /** Something does not hold, in words. */
  readonly violated: (what: string) => void
}

/**
 * Where no watchdog resets a machine, a service may begin beside an instance on a machine that stands still, and where nothing resets one at all, beside an
 * instance whose stop hangs. As soon as that is over the older one must be gone at once.
 */
export class Meetings {
  private readonly standing = new Set<Meeting>()

  constructor(private readonly o: MeetingsPorts) {}

  /** Something that was down before is active again: that is no part of a former meeting. */
  began(service: string, machine: string): void {
    for (const meeting of this.standing)
      if (meeting.service === service && meeting.older === machine) this.standing.delete(meeting)
  }

  /** May the newer one become active beside the older one? */
  allows(service: string, older: string, newer: string): boolean {
    if (!this.isExcused(service, older)) return false
    const known = [...this.standing].some(
      (one) => one.service === service && one.older === older && one.newer === newer,
    )
    if (known) return true
    const meeting = { service, older, newer }
    this.standing.add(meeting)
    this.o.counted()
    this.watch(meeting)
    return true
  }

  private watch(meeting: Meeting): void {
    const { cluster, violated } = this.o
    const { service, older, newer } = meeting
    cluster.clock.after(lookMs, () => {
      if (!this.standing.has(meeting)) return
      const both = [older, newer].every((name) => cluster.machine(name).active.has(service))
      if (both && this.isExcused(service, older)) return this.watch(meeting)
      this.standing.delete(meeting)
      if (both) violated(`${service} is still up on ${older}, which goes on, beside ${newer}`)
    })
  }

  private isExcused(service: string, name: string): boolean {
    const { cluster } = this.o
    const { clock, resumedMs, protection } = cluster.machine(name)
    if (clock.isPaused) return true
    const nowMs = cluster.clock.nowMs()
    if (nowMs - resumedMs <= atOnceMs) return true
    if (nowMs - cluster.ailments.hungMs(`${service}@${name}`) > afterHangMs) return false
    // The guard resets what it cannot end, and it had to begin with that only when the machine went on.
    const isReset = cluster.options.selfFence === 'reboot'
    return !isReset || nowMs - resumedMs <= (protection?.stopMaxMs ?? 0) + atOnceMs
  }
}
