import type { Cancel, Clock, DelayFigures, LoopDelay } from '../ports.js'
import type { Logbook } from './logbook.js'

/** The delay is taken this often, and the figures are those of the last minute. */
const everyMs = 10_000
const kept = 6

/** Watches whether this process gets to its work in time: beats that leave late look like a network that fails. */
export class LoopWatch {
  private readonly taken: DelayFigures[] = []
  private next: Cancel | null = null

  constructor(
    private readonly o: {
      readonly clock: Clock
      readonly delay: LoopDelay
      readonly logbook: Logbook
      readonly intervalMs: () => number
    },
  ) {}

  begin(): void {
    // What came before is the start of the daemon.
    this.o.delay.take()
    this.wait()
  }

  stop(): void {
    this.next?.()
    this.next = null
  }

  /** Of the last minute: the longest delay, and the 99th percentile of its worst ten seconds. Null in the first ten. */
  get figures(): DelayFigures | null {
    if (this.taken.length === 0) return null
    return {
      p99Ms: Math.max(...this.taken.map(({ p99Ms }) => p99Ms)),
      maxMs: Math.max(...this.taken.map(({ maxMs }) => maxMs)),
    }
  }

  private wait(): void {
    const { clock } = this.o
    this.next = clock.at(clock.nowMs() + everyMs, () => this.look())
  }

  private look(): void {
    const now = this.o.delay.take()
    this.taken.push(now)
    if (this.taken.length > kept) this.taken.shift()
    const intervalMs = this.o.intervalMs()
    if (now.maxMs > intervalMs)
      this.o.logbook.write({
        level: 'warn',
        message: `omd was held up for ${Math.round(now.maxMs)} ms at the longest in the last ${everyMs / 1000} s, more than heartbeat.interval (${intervalMs} ms), and its beats were late: see what else keeps this node's processors and disks busy`,
      })
    this.wait()
  }
}
