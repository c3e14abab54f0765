import type { InstanceProbe, ResourceProbe } from '../../../core/event.js'
import type { Resource, Service } from '../../../core/service.js'
import { Look } from '../../../resources/look.js'
import { contextOf, ignored, Limits, shownOf, unseen, view, type Node } from './view.js'

/** A service to be looked at, with the generation of its instance where that is known. */
export interface Probed {
  readonly service: Service
  readonly generation: number | null
}

/** One look at the node for all resources of all these services: each question is asked once, whoever wants the answer. */
export async function probe(services: readonly Probed[], node: Node): Promise<readonly InstanceProbe[]> {
  const glance: Glance = { node, look: new Look(node.io), limits: new Limits(node.io.clock) }
  const probes = await Promise.all(
    services.map(async ({ service, generation }) => ({
      service: service.name,
      version: service.version,
      resources: await probeAll(service, service.resources, generation, glance),
    })),
  )
  glance.limits.end()
  return probes
}

interface Glance {
  readonly node: Node
  readonly look: Look
  readonly limits: Limits
}

/** Looks at some resources of a service, by rid. */
export async function probeResources(
  service: Service,
  resources: readonly Resource[],
  generation: number | null,
  node: Node,
): Promise<Readonly<Record<string, ResourceProbe>>> {
  const glance: Glance = { node, look: new Look(node.io), limits: new Limits(node.io.clock) }
  const probes = await probeAll(service, resources, generation, glance)
  glance.limits.end()
  return probes
}

async function probeAll(
  service: Service,
  resources: readonly Resource[],
  generation: number | null,
  glance: Glance,
): Promise<Readonly<Record<string, ResourceProbe>>> {
  const entries = await Promise.all(
    resources.map(
      async (resource) => [resource.rid, await probeResource(service, resource, generation, glance)] as const,
    ),
  )
  return Object.fromEntries(entries)
}

async function probeResource(
  service: Service,
  resource: Resource,
  generation: number | null,
  { node, look, limits }: Glance,
): Promise<ResourceProbe> {
  const driver = node.registry.find(resource)
  const type = `${resource.group}.${resource.type}`
  if (driver === null) return unseen(type, `there is no driver ${type} on this node`)
  const ctx = contextOf(node, service, resource, generation)
  if (service.disable || resource.disable) return ignored(driver.label(ctx))
  const { probe: seen } = await view(driver, ctx, look, limits)
  return shownOf(resource, seen)
}
