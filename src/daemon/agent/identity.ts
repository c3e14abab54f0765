import type { Resource, Service } from '../../core/service.js'
import { contextOf, type Node } from './action/view.js'

/** The service with what each of its resources acts on, by the word of its driver. Nothing is looked up: the configuration alone tells. */
export function identified(node: Node, service: Service): Service {
  return {
    ...service,
    resources: service.resources.map((resource) => ({
      ...resource,
      identity: identityOf(node, service, resource),
    })),
  }
}

function identityOf(node: Node, service: Service, resource: Resource): string {
  const type = `${resource.group}.${resource.type}`
  const driver = node.registry.find(resource)
  if (driver === null) return type
  const ctx = contextOf(node, service, resource, null)
  return `${type} ${driver.identity?.(ctx) ?? driver.label(ctx)}`
}
