import type { InstanceProbe, ResourceProbe } from '../../src/core/event.js'
import type { Service } from '../../src/core/service.js'
import type { Agent } from '../../src/daemon/agent/agent.js'
import type { Peering } from '../../src/daemon/agent/peering.js'
import type { Clock, PeerPath, Store } from '../../src/daemon/ports.js'
import type { Life } from './life.js'
import type { MachineClock } from './machine-clock.js'
import type { MemoryStore } from './memory-store.js'
import type { Protection } from './protection.js'

/** One machine: what runs on it outlives its daemon, not its power. */
export interface Machine {
  readonly name: string
  readonly store: MemoryStore
  readonly clock: MachineClock
  powered: boolean
  /** Has it been let into the cluster, and not left it since? */
  member: boolean
  /** Has it said that it leaves, and not been let in since? That may end well or not, also when it boots again. */
  leaving: boolean
  /** When it last went on after standing still, on the world's clock: what reached it meanwhile it only learns then. */
  resumedMs: number
  bootCount: number
  /** Services with their exclusive resources active. */
  readonly active: Set<string>
  /** Services of which something is active and nothing shows as up: a start that was not wholly rolled back. */
  readonly half: Set<string>
  /** Services of which a resource shows `warn`, up or not. */
  readonly warns: Set<string>
  daemon: Daemon | null
  /** Null without quorum. */
  protection: Protection | null
}

export interface Daemon {
  readonly life: Life
  readonly agent: Agent
  readonly store: Store
  /** What it takes for the time. */
  readonly clock: Clock
  readonly peering: Peering
  readonly paths: readonly PeerPath[]
  /** Actions that were told to end early, by id. */
  readonly aborted: Set<string>
  /** What ends them, by id. */
  readonly ends: Map<string, () => void>
}

/** What a look at the machine shows of a service's only resource. */
export function lookAt(machine: Machine, service: Service): InstanceProbe {
  const active = machine.active.has(service.name)
  const up = active && !machine.half.has(service.name)
  const status = machine.warns.has(service.name) ? 'warn' : up ? 'up' : 'down'
  const seen: ResourceProbe = { status, label: 'flag', messages: [], provisioned: null, released: !active }
  return {
    service: service.name,
    version: service.version,
    resources: { [service.resources[0]?.rid ?? 'fs#1']: seen },
  }
}
