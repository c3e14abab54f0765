import type { Clock, Store } from '../../src/daemon/ports.js'
import { StoreFailure } from '../../src/daemon/store-failure.js'
import type { Buggify } from './buggify.js'

/** A daemon begins, runs, and is over: nothing that it had under way goes on then, whatever still calls it. */
export interface Life {
  phase: 'beginning' | 'running' | 'over'
}

export interface Mortal {
  readonly life: Life
  readonly buggify: Buggify
  /** It is killed in the midst of what it does, and started again by the service manager. */
  readonly die: () => void
}

/** A timer that is late has waited for a busy process. The lease, the stop by force and the watchdog leave room for so much. */
const latestTimerMs = 200

/** The machine's store, as one daemon has it. */
export function mortalStore(store: Store, { life, buggify, die }: Mortal): Store {
  const dies = (at: Parameters<Buggify['happens']>[0]): void => {
    if (life.phase === 'running' && buggify.happens(at)) die()
  }
  const write = (put: () => void): void => {
    dies('the daemon dies before it writes')
    if (life.phase === 'over')
      throw new StoreFailure({ code: 'UNAVAILABLE', message: 'this daemon is over' }, false)
    put()
    dies('the daemon dies between write and word')
  }
  return {
    ...store,
    put: (key, value) => write(() => store.put(key, value)),
    putAll: (entries) => write(() => store.putAll(entries)),
    addHistory: (name, entry) => write(() => store.addHistory(name, entry)),
  }
}

/** The machine's clock, as one daemon has it. */
export function mortalClock(clock: Clock, { life, buggify }: Mortal): Clock {
  return {
    nowMs: () => clock.nowMs(),
    wallMs: () => clock.wallMs(),
    at: (atMs, callback) => {
      if (life.phase === 'over') return () => undefined
      const dueMs = atMs + buggify.lateMs('a timer is late', latestTimerMs)
      return clock.at(dueMs, () => {
        if (life.phase !== 'over') callback()
      })
    },
  }
}
