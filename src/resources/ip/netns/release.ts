import { requiredText, type CommandStep, type Context, type Step } from '../../driver.js'
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
  const { plumbed } = namespace
  if (plumbed === null) return []
  const { link, address } = plumbed
  const run = (...argv: readonly string[]): CommandStep => ({
    kind: 'command',
    argv: ['nsenter', `--net=${namespace.path}`, ...argv],
    tolerate: true,
  })
  const written = `${address.local}/${address.prefix}`
  const removed = run('ip', 'addr', 'del', written, 'dev', link.name)
  if (link.loopback || hasOthers(link, address)) return [removed]
  if (modeOf(ctx.resource) !== 'dedicated') return [removed, run('ip', 'link', 'del', 'dev', link.name)]
  return [
    removed,
    run('ip', 'link', 'set', link.name, 'netns', '1', 'name', requiredText(ctx.resource, 'ipdev')),
  ]
}

/** Addresses that somebody put there; link-local ones are the kernel's own. */
const hasOthers = (link: Link, own: Address): boolean =>
  link.addresses.some((address) => address.local !== own.local && address.scope !== 'link')
