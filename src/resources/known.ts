import type { Clock } from '../daemon/ports.js'

/** So much is remembered at most; what is oldest goes first. */
const most = 1000

/**
 * What was learnt of this node a moment ago and only making or unmaking something changes, such as what a device holds: the start of a service does
 * not ask again what its preparation asked.
 */
export class Known {
  private readonly answers = new Map<string, { readonly answer: unknown; readonly untilMs: number }>()

  constructor(private readonly clock: Clock) {}

  /** Undefined where nothing is remembered, or for too long. */
  recall<T>(question: string): T | undefined {
    const known = this.answers.get(question)
    if (known === undefined || this.clock.nowMs() >= known.untilMs) return undefined
    return known.answer as T
  }

  /** For so many milliseconds. */
  remember(question: string, answer: unknown, ms: number): void {
    this.answers.delete(question)
    this.answers.set(question, { answer, untilMs: this.clock.nowMs() + ms })
    const [oldest] = this.answers.keys()
    if (this.answers.size > most && oldest !== undefined) this.answers.delete(oldest)
  }

  forget(): void {
    this.answers.clear()
  }
}
