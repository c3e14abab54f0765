// PURE. When a service answered and when not, from tries that settle in any order.

export interface Outage {
  /** Start of the first try without an answer, in milliseconds since 1970. */
  readonly from: number
  /** The next answer, or the end of the probe. */
  readonly to: number
  readonly ms: number
  /** True where the probe ended before the service answered again. */
  readonly open?: true
}

export interface ProbeReport {
  readonly tries: number
  readonly answered: number
  readonly outages: readonly Outage[]
}

/** A try in the order of its start; `answeredMs` is absent where no answer came in time. */
export interface Try {
  readonly startedMs: number
  readonly answeredMs?: number
}

/** Puts tries together as they settle, and keeps only those that an earlier one holds up. */
export class Tally {
  private readonly waiting = new Map<number, Try>()
  private readonly outages: Outage[] = []
  private next = 0
  private answered = 0
  private silentFromMs: number | undefined

  /** Takes the result of the try with that number, counted from 0. */
  settle(index: number, result: Try): void {
    this.waiting.set(index, result)
    for (let ready = this.waiting.get(this.next); ready !== undefined; ready = this.waiting.get(this.next)) {
      this.waiting.delete(this.next)
      this.next += 1
      this.take(ready)
    }
  }

  report(endMs: number): ProbeReport {
    const open =
      this.silentFromMs === undefined ? [] : [{ ...span(this.silentFromMs, endMs), open: true as const }]
    return { tries: this.next, answered: this.answered, outages: [...this.outages, ...open] }
  }

  private take({ startedMs, answeredMs }: Try): void {
    if (answeredMs === undefined) {
      this.silentFromMs ??= startedMs
      return
    }
    this.answered += 1
    if (this.silentFromMs !== undefined) this.outages.push(span(this.silentFromMs, answeredMs))
    this.silentFromMs = undefined
  }
}

function span(fromMs: number, toMs: number): Outage {
  // a later try may be answered while an earlier one still waits in vain: never less than nothing
  const [from, to] = [Math.round(fromMs), Math.round(Math.max(fromMs, toMs))]
  return { from, to, ms: to - from }
}
