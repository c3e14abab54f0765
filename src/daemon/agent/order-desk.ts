import { fail, type Result } from '../../core/result.js'
import type { Cancel, Clock } from '../ports.js'

/** Operators who wait for their local action to end. */
export class OrderDesk {
  private readonly waiting = new Map<string, (result: Result<string>) => void>()

  constructor(private readonly clock: Clock) {}

  /** The sentence with which the action ended, or why it did not. After `limitMs` the wait is over, not the action. */
  wait(id: string, limitMs: number): Promise<Result<string>> {
    return new Promise((resolve) => {
      const cancel: Cancel = this.clock.at(this.clock.nowMs() + limitMs, () => {
        this.waiting.delete(id)
        resolve(
          fail('UNAVAILABLE', 'the action has not ended within its time: see the log for what it waits for'),
        )
      })
      this.waiting.set(id, (result) => {
        cancel()
        this.waiting.delete(id)
        resolve(result)
      })
    })
  }

  settle(id: string, result: Result<string>): void {
    this.waiting.get(id)?.(result)
  }
}
