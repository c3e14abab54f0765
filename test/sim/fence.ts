import type { Buggify } from './buggify.js'
import type { Chance } from './chance.js'
import type { Daemon, Machine } from './machine.js'

/** One agent in so many fails. */
const failing = 0.2
const latestWordMs = 8000

export interface PowerOff {
  readonly by: Machine
  readonly daemon: Daemon
  readonly node: string
  readonly chance: Chance
  readonly buggify: Buggify
  readonly crash: (node: string) => void
}

/** What a fencing agent does: some time later the node is off, and some time later that is known; or the agent fails. */
export function powerOff({ by, daemon, node, chance, buggify, crash }: PowerOff): void {
  const fails = chance.happens(failing)
  const lateMs = buggify.lateMs('the word of the fencing agent is late', latestWordMs)
  const confirmMs = chance.between(50, 500) + lateMs
  const tell = (off: boolean, detail: string): void => {
    if (by.daemon === daemon) daemon.agent.put({ kind: 'fenced', node, off, detail })
  }
  by.clock.after(chance.between(200, 2000), () => {
    if (by.daemon !== daemon) return
    if (fails) return tell(false, 'the agent fails')
    crash(node)
    by.clock.after(confirmMs, () => tell(true, 'fence_sim says that it is off'))
  })
}
