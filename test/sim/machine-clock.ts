import type { Cancel, Clock } from '../../src/daemon/ports.js'
import type { VirtualClock } from './virtual-clock.js'

/**
 * What one machine takes for the time: it runs a little faster or slower than the world's, the wall's jumps when it is told to, and while
 * the machine is paused nothing that waits for it happens: it happens late, all at once, when the machine goes on.
 */
export class MachineClock implements Clock {
  private rate = 1
  /** Of this machine's monotonic clock, at the world's start. */
  private originMs = 0
  private wallShiftMs = 0
  private paused = false
  private queue: (() => void)[] = []

  constructor(private readonly world: VirtualClock) {}

  nowMs(): number {
    return this.nowAt(this.world.nowMs())
  }

  wallMs(): number {
    return this.world.wallMs() + this.wallShiftMs
  }

  at(atMs: number, callback: () => void): Cancel {
    let cancelled = false
    const cancel = this.hardwareAt(atMs, () =>
      this.whenRunning(() => {
        if (!cancelled) callback()
      }),
    )
    return () => {
      cancelled = true
      cancel()
    }
  }

  /** Paused or not. */
  hardwareAt(atMs: number, callback: () => void): Cancel {
    let dueMs = Math.ceil((Math.ceil(atMs) - this.originMs) / this.rate)
    while (this.nowAt(dueMs) < atMs) dueMs += 1
    return this.world.at(dueMs, callback)
  }

  after(ms: number, callback: () => void): Cancel {
    return this.at(this.nowMs() + ms, callback)
  }

  /** At once, or as soon as the machine goes on. */
  whenRunning(callback: () => void): void {
    if (this.paused) this.queue.push(callback)
    else callback()
  }

  get isPaused(): boolean {
    return this.paused
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    const queue = this.queue
    this.queue = []
    // Each in a moment of its own, as they would have been: one of them may end the daemon.
    for (const callback of queue) this.world.after(0, () => this.whenRunning(callback))
  }

  jump(ms: number): void {
    this.wallShiftMs += ms
  }

  /** The machine boots: its monotonic clock begins again, at this rate, and nothing of before is waited for. */
  boot(rate: number): void {
    this.rate = rate
    this.originMs = -this.world.nowMs() * rate
    this.paused = false
    this.queue = []
  }

  private nowAt(worldMs: number): number {
    return Math.floor(worldMs * this.rate + this.originMs)
  }
}
