import type { World } from '../../../core/world.js'
import type { EventSource } from '../../../resources/driver.js'
import type { Registry } from '../../../resources/registry.js'
import type { Cancel, Clock, Exec } from '../../ports.js'
import type { Follower } from '../agent.js'
import { keepFollowing } from './keep-following.js'
import { STREAMS } from './streams.js'

/** What the watch needs: `onChange` may come often, and says only where to look, never what is to be seen there. */
export interface Watch {
  readonly exec: Exec
  readonly clock: Clock
  onChange(source: EventSource): void
}

/**
 * Calls back when the node's mounts, containers or addresses may have changed, from the event streams that the system has. It is a wake-up
 * and no more: a stream that is not there, or ends, is tried again ever more slowly, and the full probe goes on regardless. Addresses
 * inside the namespaces of containers have no stream; they come and go with their containers.
 * A stream costs a process with its memory: it is followed from the moment when a service has a resource that it tells of.
 */
export class NodeWatch implements Follower {
  private readonly followed = new Map<EventSource, Cancel>()

  constructor(
    private readonly watch: Watch,
    private readonly registry: Registry,
  ) {}

  turned(before: World, after: World): void {
    if (before.services !== after.services) this.begin(after)
  }

  /** Follows what the services of this node need. */
  begin(world: World): void {
    const resources = Object.values(world.services).flatMap(({ service }) => service.resources)
    for (const resource of resources) {
      for (const source of this.registry.find(resource)?.events ?? []) this.follow(source)
    }
  }

  follow(source: EventSource): void {
    if (this.followed.has(source)) return
    const { exec, clock, onChange } = this.watch
    const stream = { exec, clock, ...STREAMS[source], onChange: () => onChange(source) }
    this.followed.set(source, keepFollowing(stream))
  }

  end(): void {
    for (const cancel of this.followed.values()) cancel()
  }
}
