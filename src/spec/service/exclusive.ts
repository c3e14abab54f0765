import type { Resource } from '../../core/service.js'
import { textOf, wordsOf } from './resource.js'

/**
 * Marks what only one node may have active: everything but standby and sync resources, directories, and containers that only hold a
 * network namespace for others.
 */
export function withExclusive(resources: readonly Resource[]): readonly Resource[] {
  const namespaces = new Set(resources.flatMap(({ keywords }) => textOf(keywords['netns']) ?? []))
  return resources.map((resource) => ({ ...resource, exclusive: isExclusive(resource, namespaces) }))
}

function isExclusive(resource: Resource, namespaces: ReadonlySet<string>): boolean {
  if (resource.standby || resource.group === 'sync') return false
  if (resource.group === 'fs' && resource.type === 'directory') return false
  return !(resource.group === 'container' && namespaces.has(resource.rid) && holdsNothingElse(resource))
}

// Options of docker run and podman run that give a container something which two nodes must not have at once: volumes, or a network of the node.
const SHARING =
  /^(--volume|--mount|--volumes-from|--net|--network|--publish|--publish-all|--device|--privileged)(=|$)|^-[a-uw-zA-Z]*[vpP]/

function holdsNothingElse({ keywords }: Resource): boolean {
  if (wordsOf(keywords['volume_mounts']).length > 0 || wordsOf(keywords['devices']).length > 0) return false
  if (keywords['privileged'] === true) return false
  const netns = textOf(keywords['netns'])
  if (netns !== null && netns !== 'none') return false
  return !wordsOf(keywords['run_args']).some((word) => SHARING.test(word))
}
