import type { Resource, Service } from './service.js'
import { localOf } from './view.js'
import type { ServiceView, World } from './world.js'

// A configuration that takes a resource out while it is active would make its holder forget it: the place would be given up with the disk still in use.

/**
 * Exclusive resources of a configuration that the next one has no more, or not under that rid, or that act on something else there, or need no place there. What an
 * operator has disabled, or tagged `noaction`, in either of them, is nobody's concern. The words for what they act on may differ between agents' versions.
 */
export function leftOut(before: Service, next: Service): readonly Resource[] {
  if (before.disable || before.version === next.version) return []
  const kept = (resource: Resource): boolean =>
    next.resources.some(
      (one) =>
        one.rid === resource.rid &&
        (isLeftAlone(one) || (one.exclusive && one.identity === resource.identity)),
    )
  return before.resources.filter((one) => one.exclusive && !isLeftAlone(one) && !kept(one))
}

const isLeftAlone = ({ disable, tags }: Resource): boolean => disable || tags.includes('noaction')

/** Of those the ones that this node has not seen released. While something is done to the service any of them may be active. */
export function stillActive(world: World, before: Service, next: Service): readonly Resource[] {
  const { released, seenReleased } = localOf(world, before.name)
  const running = world.actions[before.name]
  const left = leftOut(before, next)
  if (running !== undefined && running.action !== 'prepare') return left
  return released ? [] : left.filter(({ rid }) => !seenReleased.includes(rid))
}

/** Why this node goes on with a former configuration, and what to do; null where it does not. */
export function heldBack(world: World, { service, awaited }: ServiceView): string | null {
  if (awaited === undefined) return null
  const rids = leftOut(service, awaited).map(({ rid }) => rid)
  return (
    `the newest configuration has ${rids.join(', ')} no more, or otherwise, and ${world.self} has not seen it stopped: ` +
    `${world.self} goes on with the former one until the service is stopped there (om ${service.name} stop)`
  )
}
