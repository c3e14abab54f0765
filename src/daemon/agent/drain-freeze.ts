import type { RegisterEntry, Stamp } from '../../core/register.js'
import type { World } from '../../core/world.js'
import type { Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import type { Agent } from './agent.js'
import { drainKey } from './durable.js'

/**
 * Is this node frozen by a drain before a shutdown, and by nobody since? Such a freeze lasts no longer than its drain; the store knows it by its stamp, for
 * the daemon that comes after one that was killed meanwhile.
 */
export function frozenByDrain(store: Store, world: World): boolean {
  const freeze = ownFreeze(world)
  return freeze?.value === true && store.get(drainKey) === words(freeze.stamp)
}

/** The node's freeze is that of a drain before a shutdown, from here on. Where that cannot be stored, a kill of the daemon costs an operator's thaw. */
export function rememberDrain(store: Store, world: World): void {
  const freeze = ownFreeze(world)
  if (freeze === undefined) return
  try {
    store.putAll([{ key: drainKey, value: words(freeze.stamp) }])
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
  }
}

/** Thaws the node where it is frozen by such a drain. The word is stamped right behind the freeze: any later one wins, also one that is not heard here yet. */
export function thawDrained(agent: Pick<Agent, 'world' | 'put'>, store: Store): void {
  const freeze = ownFreeze(agent.world)
  if (freeze?.kind !== 'freeze' || !frozenByDrain(store, agent.world)) return
  const stamp = { ...freeze.stamp, count: freeze.stamp.count + 1 }
  agent.put({ kind: 'registers', entries: [{ ...freeze, value: false, stamp }] })
}

const ownFreeze = ({ registers, self }: World): RegisterEntry | undefined => registers[`freeze/@${self}`]

const words = ({ wallMs, count, node }: Stamp): string => `${wallMs} ${count} ${node}`
