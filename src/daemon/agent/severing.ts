import type { Group, Resource, Service } from '../../core/service.js'
import type { Severing } from '../ports.js'
import { contextOf, type Node } from './action/view.js'

/** Users are cut off first, then nothing writes any more, then what was written to is let go. */
const ORDER: readonly (readonly Group[])[] = [['ip'], ['container', 'app'], ['fs'], ['disk']]

/** What ends a service by force on this node, in order; from its configuration alone, so that nobody has to be asked when it is needed. */
export function severingOf(node: Node, service: Service): readonly Severing[] {
  const exclusive = service.resources.filter((resource) => resource.exclusive && !resource.disable)
  const inOrder = ORDER.flatMap((groups) =>
    exclusive.filter(({ group }) => groups.includes(group)).toReversed(),
  )
  return unlike(inOrder.flatMap((resource) => severing(node, service, resource)))
}

/** Both, those of the configuration that is in force now and those of the one that the service was started with. */
export const together = (now: readonly Severing[], before: readonly Severing[]): readonly Severing[] =>
  unlike([...now, ...before])

const severing = (node: Node, service: Service, resource: Resource): readonly Severing[] =>
  node.registry.find(resource)?.sever?.(contextOf(node, service, resource, null)) ?? []

function unlike(all: readonly Severing[]): readonly Severing[] {
  const texts = all.map((words) => words.join('\0'))
  return all.filter((_, n) => texts.indexOf(texts[n] ?? '') === n)
}
