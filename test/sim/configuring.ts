import type { ClusterConfig } from '../../src/core/cluster.js'
import type { RegisterEntry } from '../../src/core/register.js'
import type { Service } from '../../src/core/service.js'
import type { World } from '../../src/core/world.js'
import type { Agent, Follower } from '../../src/daemon/agent/agent.js'
import { addToHistory, completeHistory } from '../../src/daemon/agent/history.js'
import type { Store } from '../../src/daemon/ports.js'
import type { Daemon } from './machine.js'
import { StoreFailure } from '../../src/daemon/store-failure.js'

/** What the product does with texts of keywords: here the text of a configuration is the service, or the cluster, itself. */
export const textOf = (value: Service | ClusterConfig): string => JSON.stringify(value)

/** The services that this world has: `first` are those that were never changed. */
export const servicesIn = (world: World, first: readonly Service[]): readonly Service[] =>
  first.map((one) => configuredAs(world, one)).filter((service) => service !== null)

/** The service by the newest configuration that this world knows, without members that the cluster has no more; null where it was deleted. */
function configuredAs(world: World, first: Service): Service | null {
  const entry = world.registers[`config/${first.name}`]
  const service = entry === undefined ? first : serviceOf(entry)
  if (service === null) return null
  const there = service.nodes.filter((name) => world.cluster.nodes.some((node) => node.name === name))
  if (there.length === service.nodes.length) return service
  return { ...service, nodes: there, version: `${service.version} among ${there.join('-')}` }
}

/** The cluster's configuration as a machine's store has it; null where it was never changed. */
export function storedCluster(text: string | null): ClusterConfig | null {
  return text === null ? null : clusterOf(JSON.parse(text) as RegisterEntry)
}

/** Another resource stands in the place of the service's exclusive one: what is held by that one is seen by no look with the new configuration. */
export function takeOut(agent: Agent | null, name: string): string {
  const known = agent?.world.services[name]?.service
  if (agent === null || known === undefined) return 'there is no daemon that knows it'
  const resources = known.resources.map((one) => ({
    ...one,
    rid: 'fs#2',
    exclusive: false,
    identity: 'other',
  }))
  const value = { text: textOf({ ...known, resources, version: `${name}-of-another` }), author: 'test' }
  const written = agent.write([{ kind: 'config', name, value }])
  return written.ok ? 'configured' : written.error.message
}

/** A configuration that arrives is in force at once, and its resources are looked at. */
export class Configuring implements Follower {
  private readonly agent: Agent
  private readonly store: Store

  constructor(
    { agent, store }: Pick<Daemon, 'agent' | 'store'>,
    /** As they were first. */
    private readonly services: readonly Service[],
    private readonly look: () => void,
  ) {
    this.agent = agent
    this.store = store
    this.keepHistory(Object.values(agent.world.registers), completeHistory)
  }

  turned(before: World, after: World): void {
    const changed = Object.entries(after.registers).filter(([key, entry]) => before.registers[key] !== entry)
    this.keepHistory(
      changed.map(([, entry]) => entry),
      addToHistory,
    )
    if (before.actions !== after.actions && isOutdated(after)) this.look()
    if (before.registers !== after.registers) this.take(before, after)
    // Members, and with them every service, follow the cluster's configuration.
    if (before.cluster.nodes !== after.cluster.nodes) this.configure(after, this.services)
  }

  private keepHistory(entries: readonly RegisterEntry[], keep: typeof addToHistory): void {
    for (const entry of entries) {
      if (entry.kind !== 'config' && entry.kind !== 'cluster') continue
      try {
        keep(this.store, entry)
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error
      }
    }
  }

  private take(before: World, after: World): void {
    const entry = after.registers['cluster/cluster']
    const cluster = clusterOf(entry)
    if (entry !== undefined && cluster !== null && before.registers['cluster/cluster'] !== entry)
      this.agent.put({ kind: 'cluster', cluster, version: entry.stamp })
    const changed = ({ name }: Service): boolean =>
      before.registers[`config/${name}`] !== after.registers[`config/${name}`]
    this.configure(after, this.services.filter(changed))
  }

  private configure(world: World, services: readonly Service[]): void {
    for (const first of services) {
      const service = configuredAs(world, first)
      const { name } = first
      if (service === null) this.agent.put({ kind: 'deleted', name })
      else this.agent.put({ kind: 'configured', name, service, problem: null })
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

function serviceOf(entry: RegisterEntry): Service | null {
  if (entry.kind !== 'config' || entry.value.text === null) return null
  return JSON.parse(entry.value.text) as Service
}

/** Null where it was never changed. */
export function clusterOf(entry: RegisterEntry | undefined): ClusterConfig | null {
  if (entry?.kind !== 'cluster' || entry.value.text === null) return null
  return JSON.parse(entry.value.text) as ClusterConfig
}
