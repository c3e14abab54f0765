import { hears } from './membership.js'
import { isMajority } from './rules.js'
import type { Service } from './service.js'
import { frozenBy, instanceOn, isFailed, isUp, ready } from './view.js'
import { leaseless } from './voting.js'
import type { World } from './world.js'

/** Members, best first, by the service's placement policy; whether they can run it is another question. */
export function ranked(world: World, service: Service): readonly string[] {
  switch (service.placement) {
    case 'none':
    case 'nodes order':
      return service.nodes
    case 'load avg':
      return service.nodes.toSorted(
        (a, b) => loadOf(world, a) - loadOf(world, b) || compareNames(service, a, b),
      )
  }
}

/** 15-minute load average for each processor; a node that never told is last. */
function loadOf(world: World, node: string): number {
  const load = world.documents[node]?.load
  return load === undefined ? Number.POSITIVE_INFINITY : load.load15m / Math.max(1, load.cpus)
}

const compareNames = (service: Service, a: string, b: string): number =>
  service.nodes.indexOf(a) - service.nodes.indexOf(b)

/** Why the instance may not be started there by that version of the configuration, in words; null where it may. Who holds it now is not considered. */
export function unfit(
  world: World,
  service: Service,
  node: string,
  // A holder that goes on with a former one knows that the others have a newer one.
  version = world.services[service.name]?.awaited?.version ?? service.version,
): string | null {
  if (!service.nodes.includes(node)) return `${node} is not a member of ${service.name}`
  if (!hears(world, node)) return `${node} is unreachable`
  if (!ready(world, node)) return `${node} is ${world.documents[node]?.state ?? 'not heard yet'}`
  // This node's own lease speaks for itself.
  if (node !== world.self && hearsTooFew(world, node)) return `${node} hears no majority of voters`
  if (node !== world.self && leaseless(world, node)) return `${node} gets no lease`
  const frozen = frozenBy(world, service.name, node)
  if (frozen !== null) return frozen
  const instance = instanceOn(world, node, service.name)
  if (instance === null) return `${node} has not looked at ${service.name} yet`
  if (instance.configVersion !== version) return `${node} has another configuration version`
  if (isFailed(instance.monitor)) return `${instance.monitor} on ${node}${words(instance.failure)}`
  if (service.disable) return `${service.name} is disabled (run: om ${service.name} enable)`
  return null
}

/** With quorum it gets no lease, by its own word of whom it hears: it may be heard all the same, where it can send and not receive. */
export function hearsTooFew(world: World, node: string): boolean {
  if (!world.cluster.quorum) return false
  const heard = world.documents[node]?.hears ?? []
  return !isMajority(world, (voter) => voter === node || heard.includes(voter))
}

const words = (failure: string | null): string => (failure === null ? '' : `: ${failure}`)

/** Fit members, best first. */
export function eligible(world: World, service: Service): readonly string[] {
  return ranked(world, service).filter((node) => unfit(world, service, node) === null)
}

/** Fit members on which the instance was provisioned, best first. */
export function candidates(world: World, service: Service): readonly string[] {
  return eligible(world, service).filter(
    (node) => instanceOn(world, node, service.name)?.provisioned === true,
  )
}

/** Is the service up on the best of the nodes that could run it? */
export function placementState(world: World, service: Service): 'optimal' | 'non-optimal' | 'n/a' {
  if (service.placement === 'none') return 'n/a'
  const up = service.nodes.filter((node) => isUp(instanceOn(world, node, service.name)))
  if (up.length === 0) return 'n/a'
  const thawed = ranked(world, service).filter(
    (node) => hears(world, node) && frozenBy(world, service.name, node) === null,
  )
  if (thawed.length < 2) return 'optimal'
  return up.includes(thawed[0] ?? '') ? 'optimal' : 'non-optimal'
}
