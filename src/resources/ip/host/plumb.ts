import { flagOf, requiredText, textOf, type CommandStep, type Context, type Step } from '../../driver.js'
import { sameAddress } from '../../kit/ip.js'
import type { Wanted } from '../address.js'
import { announceStep } from '../announce.js'
import { nodeNetwork } from '../links.js'
import { uniqueStep } from '../unique.js'
import type { Seen } from './driver.js'

/** From whatever is there to an address that answers; what is done already is left out. */
export function startSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { wanted, plumbed, device } = seen
  const dev = requiredText(ctx.resource, 'ipdev')
  const gateway = gatewayRoute(ctx)
  const fresh = plumbed === null
  const up = device?.up === true
  return [
    ...(up ? [] : [ip('link', 'set', dev, 'up')]),
    ...(fresh ? [ip('addr', 'add', `${wanted.ip}/${wanted.prefix}`, 'dev', dev)] : []),
    ...(isRouted(ctx, seen) ? [] : [ip(...family(seen), 'route', 'replace', ...gateway, 'src', wanted.ip)]),
    ...(wanted.family === 6 && (fresh || plumbed.address.tentative) ? [unique(wanted)] : []),
    ...(fresh ? announceStep(ctx, wanted, dev, []) : []),
  ]
}

const unique = (wanted: Wanted): Step => uniqueStep(wanted.ip, (look) => nodeNetwork(look, wanted.family))

/** Does the node have the default route that the configuration asks for? */
export function isRouted(ctx: Context, seen: Seen): boolean {
  const gateway = textOf(ctx.resource, 'gateway')
  return gateway === null || seen.defaultRoutes.some((route) => sameAddress(route.gateway ?? '', gateway))
}

/** A default route that came with the address goes with it: the kernel removes routes whose source address is gone. */
export function stopSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { plumbed } = seen
  if (plumbed === null) return []
  const { link, address } = plumbed
  const others = link.addresses.some(({ local, scope }) => local !== address.local && scope !== 'link')
  return [
    ip('addr', 'del', `${address.local}/${address.prefix}`, 'dev', link.name),
    ...(flagOf(ctx.resource, 'alias') || others ? [] : [ip('link', 'set', link.name, 'down')]),
  ]
}

const ip = (...words: readonly string[]): CommandStep => ({ kind: 'command', argv: ['ip', ...words] })

const family = (seen: Seen): readonly string[] => (seen.wanted.family === 6 ? ['-6'] : [])

/** Empty where no gateway is asked for. */
function gatewayRoute(ctx: Context): readonly string[] {
  const gateway = textOf(ctx.resource, 'gateway')
  return gateway === null ? [] : ['default', 'via', gateway, 'dev', requiredText(ctx.resource, 'ipdev')]
}
