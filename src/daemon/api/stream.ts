import type { Cancel, Clock } from '../ports.js'
import type { ApiEvent } from './contract.js'

/** Status changes within this time are told together. */
const gatherMs = 20
const subscriberLimit = 256

/** What goes to clients as it happens. */
export class EventStream {
  private readonly subscribers = new Set<(event: ApiEvent) => void>()
  private readonly changed = new Set<string>()
  private telling: Cancel | null = null

  constructor(private readonly clock: Clock) {}

  publish(event: ApiEvent): void {
    for (const subscriber of this.subscribers) subscriber(event)
  }

  /** Something that the status shows has changed, for these services or for none in particular. */
  statusChanged(services: readonly string[]): void {
    for (const service of services) this.changed.add(service)
    this.telling ??= this.clock.at(this.clock.nowMs() + gatherMs, () => {
      this.telling = null
      const told = [...this.changed].sort()
      this.changed.clear()
      this.publish({ kind: 'changed', services: told })
    })
  }

  /** Null where too many follow already. */
  subscribe(subscriber: (event: ApiEvent) => void): Cancel | null {
    if (this.subscribers.size >= subscriberLimit) return null
    this.subscribers.add(subscriber)
    return () => this.subscribers.delete(subscriber)
  }
}
