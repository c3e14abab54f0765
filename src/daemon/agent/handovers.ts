import { isBeingTaken } from '../../core/handover.js'
import type { World } from '../../core/world.js'
import type { Clock } from '../ports.js'
import type { Agent, Follower } from './agent.js'

/**
 * A node that gave a service up removes the rest at the latest after so many milliseconds: a start that takes longer waits for its own disks and its application,
 * and a switch is over when both are done.
 */
const patienceMs = 300

/**
 * What holds nothing any more is removed once the other node has the service up: its start is what users wait for, and where both share a
 * storage or a hypervisor the work would be in its way.
 */
export class Handovers implements Follower {
  private readonly waiting = new Map<string, () => void>()

  constructor(
    private readonly agent: Agent,
    private readonly clock: Clock,
  ) {
    agent.follow(this)
  }

  turned(_: World, after: World): void {
    for (const [service, go] of this.waiting) if (!isBeingTaken(after, service)) go()
  }

  /** Resolves when nobody else is about to bring the service up, when `signal` aborts, or when patience is over. */
  async taken(service: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || !isBeingTaken(this.agent.world, service)) return
    await new Promise<void>((resolve) => {
      const cancel = this.clock.at(this.clock.nowMs() + patienceMs, resolve)
      const go = (): void => {
        cancel()
        resolve()
      }
      this.waiting.set(service, go)
      signal.addEventListener('abort', go, { once: true })
    })
    this.waiting.delete(service)
  }
}
