import type { DocumentVersion } from '../../core/document.js'
import { farewellHeard } from '../../core/farewell.js'
import { ownDocument } from '../../core/view.js'
import type { World } from '../../core/world.js'
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
  readonly agent: Pick<Agent, 'world' | 'put'>
  readonly peering: Pick<Peering, 'having'>
  readonly store: Store
  readonly clock: Clock
  readonly sys: Pick<Sys, 'bootId'>
}

/**
 * Services stay as they are, and the last document says so. Waits for a majority to know it; where that does not come before the lease is over, for the
 * forced stop that follows, which the last document then tells of.
 */
export function sayFarewell(o: FarewellPorts, done: (how: Farewell) => void): void {
  const { agent, clock } = o
  agent.put({ kind: 'leaving' })
  const { leaseMs } = agent.world.cluster.heartbeat
  const latestMs = clock.nowMs() + leaseMs + agent.world.cluster.stopMaxMs
  let holds = holdsAnything(agent.world)
  let said = say(agent, holds)
  let leastUntilMs = clock.nowMs() + leastMs
  const look = (): void => {
    const nowMs = clock.nowMs()
    if (holds && !holdsAnything(agent.world)) {
      holds = false
      said = say(agent, holds)
      leastUntilMs = nowMs + leastMs
    }
    const heard = holds && farewellHeard({ ...agent.world, nowMs }, said, o.peering.having)
    if (nowMs < leastUntilMs || (holds && !heard && nowMs < latestMs))
      return void clock.at(nowMs + pollMs, look)
    if (heard) remember(o)
    done(holds ? (heard ? 'heard' : 'unheard') : 'left')
  }
  look()
}

const holdsAnything = (world: World): boolean =>
  Object.values(ownDocument(world).instances).some(({ place }) => place.kind === 'held')

/** Which document says so. */
function say(agent: FarewellPorts['agent'], holds: boolean): DocumentVersion {
  agent.put({ kind: 'node state', state: holds ? 'maintenance' : 'left' })
  return ownDocument(agent.world)
}

/** The next daemon goes on with what it finds running, whenever it comes. Where that cannot be written it stops it, and starts it again. */
function remember({ store, sys }: FarewellPorts): void {
  try {
    store.put(farewellKey, sys.bootId)
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
  }
}

/** Right before a daemon's first beat: from then on the others count its silence, and the farewell of the one before it is no evidence any more. */
export const farewellOver = (store: Store): void => store.putAll([{ key: farewellKey, value: null }])

/** In the store: the boot in which the daemon's farewell was heard. */
export const farewellKey = 'farewell'
