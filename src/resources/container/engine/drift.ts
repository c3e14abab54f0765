import type { ResourceMessage } from '../../../core/document.js'
import { flagOf, listOf, requiredText, textOf, type Context } from '../../driver.js'
import { engineFor } from '../engines.js'
import { isAlive, type Container } from './container.js'
import { actualMode, namespacesOf, sharesWith } from './namespaces.js'
import { hostnameOf } from './run-arguments.js'
import type { Seen } from './seen.js'

/** Where the container differs from its configuration. It goes on running: what it is made of changes only when it is made again. */
export function drift(ctx: Context, seen: Seen, container: Container): readonly ResourceMessage[] {
  const differences = [
    ...imageDrift(ctx, seen, container),
    ...namespaceDrift(ctx, container),
    ...settings(ctx, container).flatMap(({ what, wanted, is }) =>
      wanted === null || wanted === is ? [] : [`${what} is ${is}, configured is ${wanted}`],
    ),
  ]
  return differences.map((text) => ({ level: 'warn', text }))
}

function imageDrift(ctx: Context, seen: Seen, container: Container): readonly string[] {
  const image = requiredText(ctx.resource, 'image')
  if (!engineFor(ctx.resource).isImage(container.image, image))
    return [`image is ${container.image}, configured is ${image}`]
  if (seen.imageId === null || seen.imageId === undefined || seen.imageId === container.imageId) return []
  return [`image ${image} is a newer one on this node than the one that runs`]
}

interface Setting {
  readonly what: string
  /** Null where the configuration leaves it open. */
  readonly wanted: string | null
  readonly is: string
}

function settings(ctx: Context, container: Container): readonly Setting[] {
  const { config } = container
  const entrypoint = listOf(ctx.resource, 'entrypoint')[0] ?? null
  const flag = (keyword: string, is: boolean): Setting => ({
    what: keyword,
    wanted: flagOf(ctx.resource, keyword) ? 'true' : null,
    is: String(is),
  })
  return [
    { what: 'name', wanted: requiredText(ctx.resource, 'name'), is: container.name },
    { what: 'hostname', wanted: hostnameOf(ctx), is: config.hostname },
    { what: 'user', wanted: textOf(ctx.resource, 'user'), is: config.user === '' ? 'root' : config.user },
    { what: 'entrypoint', wanted: entrypoint, is: config.entrypoint[0] ?? 'none' },
    flag('tty', config.tty),
    flag('interactive', config.interactive),
    flag('privileged', config.privileged),
    flag('read_only', config.readOnly),
  ]
}

function namespaceDrift(ctx: Context, container: Container): readonly string[] {
  return namespacesOf(ctx.resource).flatMap(({ keyword, value }) => {
    const actual = actualMode(container, keyword)
    if (actual === null) return []
    const same = value.startsWith('container#') ? actual.startsWith('container:') : actual === value
    return same ? [] : [`${keyword} is ${actual === '' ? 'private' : actual}, configured is ${value}`]
  })
}

/**
 * Keyword and rid of the namespace that the container has lost: it still runs in the one of an earlier container, with none of the
 * service's addresses. Null where all is well.
 */
export function lostNamespace(
  ctx: Context,
  seen: Seen,
  container: Container,
): { readonly keyword: string; readonly rid: string } | null {
  for (const { keyword, value } of namespacesOf(ctx.resource)) {
    const holder = seen.holders[keyword]
    const mode = actualMode(container, keyword)
    if (holder === undefined || mode === null || !mode.startsWith('container:')) continue
    const shared = holder !== null && isAlive(holder) && sharesWith(container, mode, holder)
    if (!shared) return { keyword, rid: value }
  }
  return null
}
