import type { InstanceDocument } from '../document.js'
import { compareStamps, registerKey, type RegisterEntry } from '../register.js'
import { isFailed, ownDocument, ownInstance, wordsOn } from '../view.js'
import type { World } from '../world.js'
import { writeInstance, writeInstances, writeLocal } from './own.js'
import { configurationKnown, rulesAgreed } from './rules.js'

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
    case 'target':
      return told(next, [entry.name], { sawTarget: entry.value.id })
    case 'freeze':
      return told(next, concernedBy(next, entry.name))
    case 'off':
      return rulesAgreed(next)
    case 'cluster':
      return configurationKnown(next, entry.stamp)
    case 'config':
      return next
  }
}

/** What an operator said of these services is known here, and the own document says so. */
function told(
  world: World,
  services: readonly string[],
  more: Partial<Pick<InstanceDocument, 'sawTarget'>> = {},
): World {
  const changes: Record<string, InstanceDocument> = {}
  for (const service of services) {
    const instance = ownInstance(world, service)
    if (instance !== null) changes[service] = { ...instance, ...more, words: wordsOn(world, service) }
  }
  return writeInstances(world, changes)
}

/** Services whose instances a freeze of `service`, `service@node` or `@node` bears on. */
function concernedBy(world: World, name: string): readonly string[] {
  const [service = ''] = name.split('@')
  return service === '' ? Object.keys(ownDocument(world).instances) : [service]
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
