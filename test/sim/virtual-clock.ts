import type { Cancel, Clock } from '../../src/daemon/ports.js'

interface Timer {
  readonly atMs: number
  readonly order: number
  callback: (() => void) | null
}

/** Time that passes only when it is told to. Timers of one moment fire in the order in which they were set. */
export class VirtualClock implements Clock {
  private timeMs = 0
  private order = 0
  /** A binary heap, soonest first. */
  private readonly timers: Timer[] = []

  nowMs(): number {
    return this.timeMs
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.timeMs
  }

  at(atMs: number, callback: () => void): Cancel {
    const timer: Timer = { atMs: Math.max(atMs, this.timeMs), order: (this.order += 1), callback }
    this.push(timer)
    return () => {
      timer.callback = null
    }
  }

  after(ms: number, callback: () => void): Cancel {
    return this.at(this.timeMs + ms, callback)
  }

  /** Lets that much time pass, firing what falls due on the way. */
  pass(ms: number): void {
    const untilMs = this.timeMs + ms
    for (let first = this.timers[0]; first !== undefined && first.atMs <= untilMs; first = this.timers[0]) {
      this.pop()
      if (first.callback === null) continue
      this.timeMs = first.atMs
      first.callback()
    }
    this.timeMs = untilMs
  }

  private push(timer: Timer): void {
    const { timers } = this
    let at = timers.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.swapped(parent, at)) return
      at = parent
    }
  }

  private pop(): void {
    const { timers } = this
    const last = timers.pop()
    if (last === undefined || timers.length === 0) return
    timers[0] = last
    for (let at = 0; ;) {
      const left = 2 * at + 1
      if (left >= timers.length) return
      const child = left + 1 < timers.length && sooner(timers[left + 1], timers[left]) ? left + 1 : left
      if (!this.swapped(at, child)) return
      at = child
    }
  }

  /** Puts the sooner one of the two on top. */
  private swapped(parent: number, child: number): boolean {
    const [upper, lower] = [this.timers[parent], this.timers[child]]
    if (upper === undefined || lower === undefined || !sooner(lower, upper)) return false
    this.timers[parent] = lower
    this.timers[child] = upper
    return true
  }
}

function sooner(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
