import type { ResourceDocument } from '../document.js'
import type { Resource, Service } from '../service.js'
import { aggregate, type Status } from '../status.js'

/**
 * The availability of an instance: over everything that is neither optional nor a sync. Where nothing exclusive is up, what was only
 * prepared for a start (a container that holds a namespace) does not count: the instance is down.
 */
export function availability(service: Service, statusOf: (rid: string) => Status | undefined): Status {
  const counted = service.resources.filter((r) => !r.optional && !r.disable && r.group !== 'sync')
  const seen = counted.map((resource) => ({ resource, status: statusOf(resource.rid) ?? 'undef' }))
  const exclusive = seen.filter(({ resource }) => resource.exclusive)
  const prepared = exclusive.length > 0 && exclusive.every(({ status }) => status === 'down')
  return aggregate(
    seen.map(({ resource, status }) => (prepared && isEarly(resource) && status === 'up' ? 'down' : status)),
  )
}

const isEarly = (resource: Resource): boolean => !resource.exclusive && !resource.standby

/** Adds optional resources, syncs (whose down is a warning and whose up counts for nothing) and warnings. */
export function overall(
  service: Service,
  avail: Status,
  resources: Readonly<Record<string, ResourceDocument>>,
): Status {
  const others = service.resources
    .filter((r) => !r.disable && (r.optional || r.group === 'sync'))
    .map((r) => ({ group: r.group, status: resources[r.rid]?.status ?? ('undef' as Status) }))
    .map(({ group, status }): Status => {
      if (group !== 'sync') return status
      return status === 'up' ? 'n/a' : status === 'down' ? 'warn' : status
    })
  const warned = Object.values(resources).some((r) => r.messages.some((m) => m.level !== 'info'))
  return warned ? 'warn' : aggregate([avail, ...others])
}
