import { requiredText, textOf, type CommandStep, type Context, type Step } from '../../driver.js'
import type { Address, Link } from '../../kit/ip.js'
import { modeOf } from './mode.js'
import { removeLeftovers } from './link.js'
import type { Namespace, Seen } from './seen.js'

/** Takes the address out of every namespace in which it is, and removes what an interrupted start left. */
export function stopSteps(ctx: Context, seen: Seen): readonly Step[] {
  const namespaces = seen.current === null ? seen.stale : [seen.current, ...seen.stale]
  return [...namespaces.flatMap((namespace) => unplumb(ctx, namespace)), ...removeLeftovers(ctx, seen)]
}

/** The namespace may go away with its container at any moment: what counts is what the node shows afterwards, not each exit code. */
export function unplumb(ctx: Context, namespace: Namespace): readonly Step[] {
  const { plumbed, made, path } = namespace
  const run = (...argv: readonly string[]): CommandStep => ({
    kind: 'command',
    argv: ['nsenter', `--net=${path}`, 'ip', ...argv],
    tolerate: true,
  })
  const address = plumbed?.address
  const link = plumbed?.link ?? made
  if (link === null) return []
  const written = address === undefined ? [] : [`${address.local}/${address.prefix}`]
  return [
    ...written.map((local) => run('addr', 'del', local, 'dev', link.name)),
    ...(link.loopback || hasOthers(link, address) ? [] : [gone(ctx, link.name, run)]),
  ]
}

/** An interface of the node's own goes back to where process 1 is; any other one was made for the address. */
function gone(ctx: Context, dev: string, run: (...argv: readonly string[]) => CommandStep): CommandStep {
  if (modeOf(ctx.resource) !== 'dedicated') {
    const gone = run('link', 'del', 'dev', dev)
    // A hardware address of its own is as exclusive as the address.
    return textOf(ctx.resource, 'macaddr') === null ? { ...gone, afterRelease: true } : gone
  }
  return run('link', 'set', dev, 'netns', '1', 'name', requiredText(ctx.resource, 'ipdev'), 'alias', '')
}

/** Addresses that somebody put there; link-local ones are the kernel's own. */
const hasOthers = (link: Link, own: Address | undefined): boolean =>
  link.addresses.some((address) => address.local !== own?.local && address.scope !== 'link')
