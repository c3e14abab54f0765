import type { InstanceDocument } from '../document.js'
import { compareStamps, registerKey, type RegisterEntry } from '../register.js'
import { isFailed, ownInstance } from '../view.js'
import type { World } from '../world.js'
import { writeInstance, writeLocal } from './own.js'

/** Takes what is newer than what is known. */
export function registersArrived(world: World, entries: readonly RegisterEntry[]): World {
  return entries.reduce(registerArrived, world)
}

function registerArrived(world: World, entry: RegisterEntry): World {
  const key = registerKey(entry)
  const known = world.registers[key]
  if (known !== undefined && compareStamps(known.stamp, entry.stamp) >= 0) return world
  const next: World = { ...world, registers: { ...world.registers, [key]: entry } }
  switch (entry.kind) {
    case 'clear':
      return cleared(next, entry.name)
    case 'target': {
      const instance = ownInstance(next, entry.name)
      return instance === null
        ? next
        : writeInstance(next, entry.name, { ...instance, sawTarget: entry.value.id })
    }
    case 'config':
    case 'cluster':
    case 'freeze':
    case 'off':
      return next
  }
}

/** The operator has seen the failure: automatic actions may resume. */
function cleared(world: World, service: string): World {
  const instance = ownInstance(world, service)
  if (instance === null) return world
  const fresh = writeLocal(world, service, { restarts: {}, userStopped: [] })
  if (!isFailed(instance.monitor)) return fresh
  const next: InstanceDocument = { ...instance, monitor: 'idle', failure: null }
  return writeInstance(fresh, service, next)
}
