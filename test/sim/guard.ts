import { ownInstance } from '../../src/core/view.js'
import type { World } from '../../src/core/world.js'
import type { Machine } from './machine.js'

/** What it takes to end a service by force: what docker kill and umount take. */
export const guardStopsMs = 400
/** Between two rounds, while there is time, and after it. */
const soonMs = 50
export const guardAgainMs = 1000

export interface GuardPorts {
  readonly machine: Machine
  /** Is what is still up in the end answered by a reset? */
  readonly resets: boolean
  /** Services whose stop fails here, even by force. */
  readonly hangs: (service: string) => boolean
  readonly reset: (why: string) => void
  readonly stopped: (service: string) => void
}

interface Severing {
  readonly deadlineMs: number
}

/**
 * The guard where no watchdog stands behind it: from the end of the lease on it ends what is held, daemon alive or not, again and again until that is gone. It is a process
 * of the machine: while that stands still, so does the guard, and what has fallen due meanwhile it does at once when the machine goes on.
 */
export class Guard {
  private readonly severing = new Map<string, Severing>()

  constructor(private readonly o: GuardPorts) {}

  /** The lease is over: everything that is active is to be down by then, on the machine's clock, which may be past where it stood still. */
  sever(deadlineMs: number): void {
    const { machine } = this.o
    for (const service of machine.active) {
      if (this.severing.has(service)) continue
      const severing = { deadlineMs }
      this.severing.set(service, severing)
      this.roundAfter(guardStopsMs, service, severing)
      machine.clock.at(deadlineMs, () => this.fence(service, severing))
    }
  }

  /** What the daemon has seen released is no longer its business. */
  learn(world: World): void {
    if (world.boot.phase === 'probing') return
    for (const service of this.severing.keys())
      if (ownInstance(world, service)?.place.kind !== 'held') this.severing.delete(service)
  }

  /** The guard is let go, or its machine is off. */
  end(): void {
    this.severing.clear()
  }

  private roundAfter(ms: number, service: string, severing: Severing): void {
    this.o.machine.clock.after(ms, () => this.round(service, severing))
  }

  private round(service: string, severing: Severing): void {
    const { machine, hangs, stopped } = this.o
    if (this.severing.get(service) !== severing) return
    const late = machine.clock.nowMs() >= severing.deadlineMs
    if (hangs(service)) return this.roundAfter(late ? guardAgainMs : soonMs, service, severing)
    this.severing.delete(service)
    machine.half.delete(service)
    if (machine.active.delete(service)) stopped(service)
  }

  private fence(service: string, severing: Severing): void {
    const { machine, resets, reset } = this.o
    if (this.severing.get(service) !== severing || !machine.active.has(service)) return
    if (resets) reset(`${service} was not ended in time after the end of the lease`)
  }
}
