import { NAMESPACES, type NamespaceKeyword } from '../../../core/namespaces.js'
import type { Resource, Service } from '../../../core/service.js'
import { requiredText, textOf } from '../../driver.js'
import type { Container } from './container.js'

/** The namespaces that a container may share, and how the engine is told. */
export interface Namespace {
  readonly keyword: NamespaceKeyword
  readonly option: string
  /** `none`, `host`, `container#0`. */
  readonly value: string
}

const OPTIONS: Readonly<Record<NamespaceKeyword, string>> = {
  netns: '--net',
  pidns: '--pid',
  ipcns: '--ipc',
  utsns: '--uts',
  userns: '--userns',
}

/** Those that are not simply the container's own. */
export function namespacesOf(resource: Resource): readonly Namespace[] {
  return NAMESPACES.flatMap((keyword) => {
    const value = textOf(resource, keyword)
    const own = value === null || value === 'private'
    return own ? [] : [{ keyword, option: OPTIONS[keyword], value }]
  })
}

/** The resource whose container holds the namespace that `value` (`container#0`) names; null where it names none. */
export function holderOf(service: Service, value: string): Resource | null {
  return service.resources.find(({ rid, group }) => group === 'container' && rid === value) ?? null
}

/** `--net=none`, `--net=container:db1.container.0` */
export function namespaceOption(service: Service, namespace: Namespace): string {
  const holder = holderOf(service, namespace.value)
  const value = holder === null ? namespace.value : `container:${requiredText(holder, 'name')}`
  return `${namespace.option}=${value}`
}

/**
 * Does a container that shares the holder's namespace really share the one that the holder has now? A holder that was made or started
 * again has a new one, and the old one lives on in those that share it.
 */
export function sharesWith(container: Container, mode: string, holder: Container): boolean {
  const [own, holders] = [container.startedAtWallMs, holder.startedAtWallMs]
  return mode === `container:${holder.id}` && own !== null && holders !== null && own >= holders
}

/** How the engine runs it; null where it does not tell. */
export function actualMode(container: Container, keyword: Namespace['keyword']): string | null {
  const { net, pid, ipc, uts, user } = container.namespaces
  return { netns: net, pidns: pid, ipcns: ipc, utsns: uts, userns: user }[keyword]
}
