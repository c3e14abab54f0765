import { leaseEndsMs } from '../../src/core/lease.js'
import { shortestTimeoutMs } from '../../src/core/rules.js'
import { watchdogGraceMs } from '../../src/core/watchdog.js'
import { Guard, guardStopsMs } from './guard.js'
import type { Machine } from './machine.js'
import type { SelfFence } from './options.js'

/** A watchdog notices so much later than it should. */
const latencyMs = 50

export interface ProtectionPorts {
  readonly machine: Machine
  /** What ends it where a stop does not: a watchdog, the guard by a reset, or nothing but the guard's stops. */
  readonly selfFence: SelfFence
  /** For so long after the end of a lease the watchdog is fed; null: as the daemon tells. */
  readonly fedForMs: number | null
  /** Services whose stop fails here, even by force. */
  readonly hangs: (service: string) => boolean
  /** The machine loses its power for a moment. */
  readonly reset: (why: string) => void
  readonly stopped: (service: string) => void
  /** Something does not hold, in words. */
  readonly violated: (what: string) => void
}

/**
 * What stops a machine whose lease is over when its daemon does not: the guard, a process of its own that stops everything where the daemon is dead,
 * and the watchdog, hardware that resets what is still up when it has not been fed for its period. A daemon that lives is expected to need neither.
 * Without a watchdog there is the guard alone, which waits for no daemon.
 */
export class Protection {
  /** On the machine's clock; only a later end extends it. Null where nothing is armed. */
  endsMs: number | null = null
  /** From the end of the lease to the reset, as the daemon has told it by now: the watchdog is fed for so long, and then counts a whole period. */
  private resetMs = 0
  private timer: (() => void) | null = null
  /** When the daemon or the machine was last disturbed, on the machine's clock. */
  private disturbedMs = Number.NEGATIVE_INFINITY
  /** What is not ended by then is answered with a reset, where one is allowed: as the daemon has told it by now. */
  stopMaxMs = 0
  /** Null where a watchdog stands behind it. */
  private readonly guard: Guard | null

  constructor(private readonly o: ProtectionPorts) {
    const { selfFence } = o
    this.guard = selfFence === 'watchdog' ? null : new Guard({ ...o, resets: selfFence === 'reboot' })
  }

  /** A daemon has begun: what it knows of its lease is followed. */
  arm(): void {
    this.disturb()
    // A new daemon gives what is over no more time.
    if (this.isOver()) this.lapsed()
    else this.look()
  }

  /** A daemon ended, cleanly and heard by a majority; or the machine lost its power. */
  disarm(): void {
    this.endsMs = null
    this.guard?.end()
    this.timer?.()
    this.timer = null
  }

  /** The daemon begins, ends, stands still, goes on, or cannot write: it is not expected to stop things in time. What it knows of its lease stays. */
  disturb(): void {
    this.disturbedMs = this.o.machine.clock.nowMs()
    this.learn()
  }

  /** The end of the lease as the daemon has told it by now: what it says later may be sooner, and is not followed. */
  learn(): void {
    const { daemon } = this.o.machine
    if (daemon === null) return
    const { world, saved } = daemon.agent
    // Without quorum there is no lease, and the daemon lets the guard go: once it has written down that there is none.
    if (!saved.cluster.quorum) {
      this.endsMs = null
      this.guard?.end()
    }
    if (!saved.cluster.quorum || !world.cluster.quorum) return
    this.guard?.learn(world)
    const { watchdog, stopMaxMs } = world.cluster
    this.stopMaxMs = stopMaxMs
    const graceMs = watchdogGraceMs(world.cluster, shortestTimeoutMs(world))
    this.resetMs = (this.o.fedForMs ?? graceMs) + watchdog.periodMs
    const nowMs = daemon.clock.nowMs()
    const endsMs = this.o.machine.clock.nowMs() + leaseEndsMs(world, nowMs) - nowMs
    if (Number.isFinite(endsMs) && endsMs > (this.endsMs ?? -Infinity)) this.endsMs = endsMs
  }

  /** Hardware, or the guard where there is none, looks at the lease at its end, which may have moved meanwhile. */
  private look(): void {
    const { machine } = this.o
    this.timer?.()
    this.timer = null
    if (!machine.powered) return
    this.learn()
    const nowMs = machine.clock.nowMs()
    const dueMs = this.endsMs === null || this.endsMs <= nowMs ? nowMs + 500 : this.endsMs
    const due = (): void => (this.isOver() ? this.lapsed() : this.look())
    this.timer = this.guard === null ? machine.clock.hardwareAt(dueMs, due) : machine.clock.at(dueMs, due)
  }

  private isOver(): boolean {
    this.learn()
    return this.endsMs !== null && this.endsMs <= this.o.machine.clock.nowMs()
  }

  private lapsed(): void {
    const { machine } = this.o
    if (machine.active.size + machine.half.size === 0) return this.look()
    const nowMs = machine.clock.nowMs()
    const endsMs = this.endsMs ?? nowMs
    if (this.guard !== null) {
      this.guard.sever(endsMs + this.stopMaxMs)
      return this.look()
    }
    machine.clock.at(endsMs + guardStopsMs, () => this.guardStops(endsMs))
    this.timer = machine.clock.hardwareAt(Math.max(endsMs + this.resetMs + latencyMs, nowMs + 1), () =>
      this.bite(endsMs),
    )
  }

  /** Where the daemon lives, and can write down what it does, it is its own business. */
  private guardStops(endsMs: number): void {
    const { machine, hangs, stopped } = this.o
    this.learn()
    if (!this.isDisabled() || this.endsMs !== endsMs) return
    for (const service of machine.active) {
      if (hangs(service)) continue
      machine.active.delete(service)
      machine.half.delete(service)
      stopped(service)
    }
  }

  private isDisabled(): boolean {
    const { machine } = this.o
    return machine.daemon === null || machine.clock.isPaused || machine.store.refuses
  }

  private bite(endsMs: number): void {
    const { machine, hangs, reset, violated } = this.o
    this.learn()
    const left = [...machine.active]
    // A new lease begins only when nothing was held.
    if (this.endsMs !== endsMs || left.length === 0) return this.look()
    const excused = this.isDisabled() || this.disturbedMs >= endsMs || left.some(hangs)
    if (!excused)
      violated(
        `${left.join(', ')} was up on ${machine.name} for ${this.resetMs} ms after the end of its lease, with its daemon alive`,
      )
    reset(`${left.join(', ')} still up after the end of the lease`)
  }
}
