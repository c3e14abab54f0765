import { preparedElsewhere } from '../../core/handover.js'
import { localOf } from '../../core/view.js'
import type { World } from '../../core/world.js'
import type { Follower } from './agent.js'
import type { Preparations } from './preparations.js'

/** Looks at what this node is about to give up while another one prepares its start: in the stop behind it users wait. */
export class Departures implements Follower {
  constructor(private readonly preparations: Preparations) {}

  turned(before: World, after: World): void {
    if (before.documents === after.documents && before.registers === after.registers) return
    for (const [name, { service }] of Object.entries(after.services)) {
      const target = preparedElsewhere(after, name)
      if (target === null || after.actions[name] !== undefined) continue
      if (target !== preparedElsewhere(before, name))
        this.preparations.look(service, 'stop', localOf(after, name).generation)
    }
  }
}
