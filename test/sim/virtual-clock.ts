import type { Cancel, Clock } from '../../src/daemon/ports.js'

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly callback: () => void
}

/** Time that passes only when it is told to. Timers of one moment fire in the order in which they were set. */
export class VirtualClock implements Clock {
  private timeMs = 0
  private order = 0
  private timers: Timer[] = []

  nowMs(): number {
    return this.timeMs
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.timeMs
  }

  at(atMs: number, callback: () => void): Cancel {
    const timer = { atMs: Math.max(atMs, this.timeMs), order: (this.order += 1), callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** Lets that much time pass, firing what falls due on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.timeMs + ms
    for (;;) {
      const next = this.timers.reduce<Timer | null>(
        (first, timer) =>
          first === null || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order) ? timer : first,
        null,
      )
      if (next === null || next.atMs > untilMs) break
      this.timers = this.timers.filter((timer) => timer !== next)
      this.timeMs = next.atMs
      next.callback()
      await Promise.resolve()
    }
    this.timeMs = untilMs
  }
}
