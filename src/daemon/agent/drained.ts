import type { RegisterEntry, Stamp } from '../../core/register.js'
import type { World } from '../../core/world.js'
import type { Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import type { Agent } from './agent.js'
import { drainKey } from './durable.js'

/** A drain before a shutdown has frozen this node, for as long as it lasts: it thaws it by a newer word, which makes this one void. */
export const rememberDrain = (store: Store, world: World): void => {
  const freeze = ownFreeze(world)
  if (freeze !== undefined) keep(store, words(freeze.stamp))
}

/**
 * What a daemon left that was killed in the midst of a drain before a shutdown: its node is thawed, unless somebody has frozen or thawed it since,
 * whether that is known here yet or not.
 */
export function thawDrained(agent: Agent, store: Store): void {
  const kept = store.get(drainKey)
  if (kept === null) return
  const freeze = ownFreeze(agent.world)
  if (freeze?.kind === 'freeze' && words(freeze.stamp) === kept) {
    // Stamped right behind it: any later word wins.
    const stamp = { ...freeze.stamp, count: freeze.stamp.count + 1 }
    agent.put({ kind: 'registers', entries: [{ ...freeze, value: false, stamp }] })
  }
  keep(store, null)
}

const ownFreeze = ({ registers, self }: World): RegisterEntry | undefined => registers[`freeze/@${self}`]

const words = ({ wallMs, count, node }: Stamp): string => `${wallMs} ${count} ${node}`

/** Where that cannot be written, a kill in the midst of a drain costs an operator's thaw. */
function keep(store: Store, value: string | null): void {
  try {
    store.putAll([{ key: drainKey, value }])
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
  }
}
