import type { Resource } from './service.js'

/** Keywords by which a container, and by the first of them an address, names whose namespace it is in. */
export const NAMESPACES = ['netns', 'pidns', 'ipcns', 'utsns', 'userns'] as const
export type NamespaceKeyword = (typeof NAMESPACES)[number]

/** Rid of the container whose network namespace the resource uses. */
export const namespaceHolder = (resource: Resource): string | null => holderBy(resource, 'netns')

/** Rids of the containers any of whose namespaces the resource uses. */
export const namespaceHolders = (resource: Resource): readonly string[] =>
  NAMESPACES.flatMap((keyword) => holderBy(resource, keyword) ?? [])

function holderBy(resource: Resource, keyword: NamespaceKeyword): string | null {
  const value = resource.keywords[keyword]
  return typeof value === 'string' && value.startsWith('container#') ? value : null
}
