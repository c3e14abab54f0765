import type { RegisterEntry } from '../../src/core/register.js'
import type { Service } from '../../src/core/service.js'
import type { World } from '../../src/core/world.js'
import type { Agent, Follower } from '../../src/daemon/agent/agent.js'

/** What the product does with texts of keywords: here the text of a configuration is the service itself. */
export const textOf = (service: Service): string => JSON.stringify(service)

/** The service by the newest configuration that this world knows; `first` where it was never changed. */
export function configuredAs(world: World, first: Service): Service {
  return serviceOf(world.registers[`config/${first.name}`]) ?? first
}

/** A configuration that arrives is in force at once, and its resources are looked at. */
export class Configuring implements Follower {
  constructor(
    private readonly agent: Agent,
    private readonly look: () => void,
  ) {}

  turned(before: World, after: World): void {
    if (before.actions !== after.actions && isOutdated(after)) this.look()
    if (before.registers === after.registers) return
    for (const [key, entry] of Object.entries(after.registers)) {
      const service = serviceOf(entry)
      if (service === null || before.registers[key] === entry) continue
      this.agent.put({ kind: 'configured', name: service.name, service, problem: null })
      this.look()
    }
  }
}

/** An action has ended that had begun under a former configuration. */
const isOutdated = (world: World): boolean =>
  Object.entries(world.services).some(
    ([name, { service }]) =>
      world.actions[name] === undefined && world.local[name]?.probedVersion !== service.version,
  )

function serviceOf(entry: RegisterEntry | undefined): Service | null {
  if (entry?.kind !== 'config' || entry.value.text === null) return null
  return JSON.parse(entry.value.text) as Service
}
