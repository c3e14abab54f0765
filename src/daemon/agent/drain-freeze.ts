import type { RegisterEntry } from '../../core/register.js'
import type { World } from '../../core/world.js'
import type { Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import type { Agent } from './agent.js'
import { drainKey } from './durable.js'

/**
 * Which freeze of this node a drain before a shutdown has made: its stamp, as text. It lasts no longer than its drain; the store knows the last one's, for the
 * daemon that comes after one that was killed meanwhile.
 */
export type DrainFreeze = string

/** Is this node frozen by such a drain, and by nobody since? */
export const frozenByDrain = (store: Store, world: World): boolean =>
  freezeOf(world) !== null && freezeOf(world) === store.get(drainKey)

/**
 * The freeze that has just been written is a drain's; null where there is none. What cannot be stored costs an operator's thaw if the daemon is killed
 * meanwhile, and so does a kill between that freeze and this.
 */
export function rememberDrain(store: Store, world: World): DrainFreeze | null {
  const freeze = freezeOf(world)
  try {
    store.putAll([{ key: drainKey, value: freeze }])
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
  }
  return freeze
}

/** Thaws the node where that is still its freeze. The word is stamped right behind it: a later one wins, also one that is not heard here yet. */
export function thawDrained(agent: Pick<Agent, 'world' | 'put'>, freeze: DrainFreeze | null): void {
  const entry = ownFreeze(agent.world)
  if (entry?.kind !== 'freeze' || freeze === null || freezeOf(agent.world) !== freeze) return
  const stamp = { ...entry.stamp, count: entry.stamp.count + 1 }
  agent.put({ kind: 'registers', entries: [{ ...entry, value: false, stamp }] })
}

function freezeOf(world: World): DrainFreeze | null {
  const entry = ownFreeze(world)
  if (entry?.value !== true) return null
  const { wallMs, count, node } = entry.stamp
  return `${wallMs} ${count} ${node}`
}

const ownFreeze = ({ registers, self }: World): RegisterEntry | undefined => registers[`freeze/@${self}`]
