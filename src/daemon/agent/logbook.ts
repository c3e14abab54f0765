import type { ApiEvent } from '../api/contract.js'
import type { Cancel, Clock, Log, LogEntry, Store } from '../ports.js'

/** Lines wait at most this long before they go to the store together. */
const flushMs = 50
/** More lines than this go at once. */
const bufferLimit = 500
/** How often old lines are dropped. */
const trimEveryMs = 10 * 60_000

export type Line = Partial<Pick<LogEntry, 'service' | 'rid' | 'action' | 'level'>> & Pick<LogEntry, 'message'>

/** Where every line for operators goes: the store, the daemon's own output, and whoever follows the event stream. */
export class Logbook {
  private waiting: LogEntry[] = []
  private flushing: Cancel | null = null
  private trimmedAtMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly o: {
      readonly node: string
      readonly clock: Clock
      readonly store: Store
      readonly log: Log
      readonly publish: (event: ApiEvent) => void
      readonly keep: () => { readonly ageMs: number; readonly lines: number }
    },
  ) {}

  write(line: Line): void {
    const { service = null, rid = null, action = null, level = 'info', message } = line
    const entry: LogEntry = {
      wallMs: this.o.clock.wallMs(),
      node: this.o.node,
      service,
      rid,
      action,
      level,
      message,
    }
    this.o.log.write(entry)
    this.o.publish({ kind: 'log', entry })
    this.waiting.push(entry)
    if (this.waiting.length >= bufferLimit) this.flush()
    else this.flushing ??= this.o.clock.at(this.o.clock.nowMs() + flushMs, () => this.flush())
  }

  flush(): void {
    this.flushing?.()
    this.flushing = null
    const lines = this.waiting
    this.waiting = []
    if (lines.length > 0) this.o.store.appendLog(lines)
    const nowMs = this.o.clock.nowMs()
    if (nowMs - this.trimmedAtMs < trimEveryMs) return
    this.trimmedAtMs = nowMs
    const { ageMs, lines: keepLines } = this.o.keep()
    this.o.store.trimLog(this.o.clock.wallMs() - ageMs, keepLines)
  }
}
