import { farewellHeard } from '../../core/farewell.js'
import { leaseEndsMs } from '../../core/lease.js'
import { ownDocument } from '../../core/view.js'
import type { Clock, Store, Sys } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import type { Agent } from './agent.js'
import type { Peering } from './peering.js'

/** The last document has this long to reach the peers, where none of them has to be waited for. */
const leastMs = 300
const pollMs = 50

/**
 * How a daemon's stop was taken. `left`: nothing is held. `heard`: something is, and nobody takes the silence for evidence. `unheard`: something is,
 * and no majority knows, so that its lease has to end it as if the daemon had died.
 */
export type Farewell = 'left' | 'heard' | 'unheard'

export interface FarewellPorts {
  readonly agent: Agent
  readonly peering: Pick<Peering, 'having'>
  readonly store: Store
  readonly clock: Clock
  readonly sys: Pick<Sys, 'bootId'>
}

/** Services stay as they are, and the last document says so. Waits for a majority to know it, at most until the lease ends. */
export function sayFarewell(o: FarewellPorts, done: (how: Farewell) => void): void {
  const { agent, clock } = o
  agent.put({ kind: 'leaving' })
  const { instances } = ownDocument(agent.world)
  const holds = Object.values(instances).some(({ place }) => place.kind === 'held')
  agent.put({ kind: 'node state', state: holds ? 'maintenance' : 'left' })
  const said = ownDocument(agent.world)
  const leastUntilMs = clock.nowMs() + leastMs
  const look = (): void => {
    const nowMs = clock.nowMs()
    const { world } = agent
    const heard = holds && farewellHeard(world, said, o.peering.having)
    if (nowMs < leastUntilMs || (holds && !heard && nowMs < leaseEndsMs(world, nowMs)))
      return void clock.at(nowMs + pollMs, look)
    done(holds ? (heard && remembered(o) ? 'heard' : 'unheard') : 'left')
  }
  look()
}

/** The next daemon goes on with what it finds running, whenever it comes. */
function remembered({ agent, store, sys }: FarewellPorts): boolean {
  if (!agent.world.cluster.quorum) return true
  try {
    store.put(farewellKey, sys.bootId)
    return true
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
    return false
  }
}

/** In the store: the boot in which the daemon's farewell was heard. */
export const farewellKey = 'farewell'
