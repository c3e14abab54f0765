import { fail, type Result } from '../../../core/result.js'
import { flagOf, requiredText, textOf, type CommandStep, type Context, type Step } from '../../driver.js'
import { networkOf, type Link } from '../../kit/ip.js'
import type { Wanted } from '../address.js'
import { announceStep } from '../announce.js'
import { noSuchDevice } from '../availability.js'
import { lacksCarrier, noCarrier } from '../carrier.js'
import { namespaceNetwork } from '../links.js'
import { uniqueStep } from '../unique.js'
import { deviceOf, hasDevice, linkSteps } from './link.js'
import { hasArp, modeOf } from './mode.js'
import { unplumb } from './release.js'
import { isRouted, type Namespace, type Seen } from './seen.js'

/** From whatever is there, half done or not, to an address that answers. */
export function startSteps(ctx: Context, seen: Seen): readonly Step[] {
  const refused = refusal(ctx, seen)
  if (refused !== null)
    return [
      { kind: 'do', text: `plumb ${seen.wanted.ip}`, refuses: true, run: () => Promise.resolve(refused) },
    ]
  const { current } = seen
  if (current === null) return []
  const cleared = seen.stale.flatMap((namespace) => unplumb(ctx, namespace))
  const dev = deviceOf(ctx, current)
  return [...cleared, ...linkSteps(ctx, seen, current, dev), ...inside(ctx, seen, current, dev)]
}

/** An interface without an address, and down: nobody sees it. The node's own interface stays where it is until the start. */
export function prepareSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { current } = seen
  if (current === null || modeOf(ctx.resource) === 'dedicated' || refusal(ctx, seen) !== null) return []
  return linkSteps(ctx, seen, current, deviceOf(ctx, current))
}

/** Why it cannot be plumbed; null where it can. */
function refusal(ctx: Context, seen: Seen): Result<never> | null {
  const netns = requiredText(ctx.resource, 'netns')
  const { current } = seen
  if (current === null) {
    const command = `om ${ctx.service.name} start --local --rid ${netns}`
    return fail(
      'CONFLICT',
      `${netns} does not run, so there is no namespace for ${seen.wanted.ip}: ${command}`,
    )
  }
  const dev = requiredText(ctx.resource, 'ipdev')
  if (current.plumbed === null && seen.wanted.problem !== null) return fail('INVALID', seen.wanted.problem)
  if (hasDevice(current.network, deviceOf(ctx, current))) return null
  const parent = seen.nodeLinks.find(({ name }) => name === dev)
  if (parent === undefined) return noSuchDevice(dev)
  return withoutCarrier(ctx, parent) ? fail('CONFLICT', noCarrier(dev)) : null
}

/** A bridge without ports has no carrier until it gets its first one. */
export const withoutCarrier = (ctx: Context, parent: Link | undefined): boolean =>
  modeOf(ctx.resource) !== 'bridge' && lacksCarrier(ctx, parent)

/** What happens in the namespace once the interface is there; what is done already is left out. */
function inside(ctx: Context, seen: Seen, current: Namespace, dev: string): readonly Step[] {
  const { wanted } = seen
  const { plumbed, path } = current
  const enter = ['nsenter', `--net=${path}`]
  const run = (...argv: readonly string[]): CommandStep => ({ kind: 'command', argv: [...enter, ...argv] })
  const fresh = plumbed === null
  const down = fresh || !plumbed.link.up
  const six = wanted.family === 6
  return [
    ...(fresh && six ? [run('sysctl', '-q', '-w', ...ipv6Settings(dev))] : []),
    ...(fresh ? [run('ip', 'addr', 'add', `${wanted.ip}/${wanted.prefix}`, 'dev', dev)] : []),
    ...(down ? [run('ip', 'link', 'set', dev, 'up')] : []),
    ...(down || !isRouted(ctx, current) ? routes(ctx, seen, dev).map((argv) => run(...argv)) : []),
    ...(six && (fresh || plumbed.address.tentative) ? [unique(wanted, path)] : []),
    ...(down && hasArp(modeOf(ctx.resource)) ? announceStep(ctx, wanted, dev, enter) : []),
  ]
}

const unique = (wanted: Wanted, path: string): Step =>
  uniqueStep(wanted.ip, (look) => namespaceNetwork(look, path, wanted.family))

function routes(ctx: Context, seen: Seen, dev: string): readonly (readonly string[])[] {
  const { wanted } = seen
  const gateway = textOf(ctx.resource, 'gateway')
  const ip = wanted.family === 6 ? ['ip', '-6'] : ['ip']
  const network = `${networkOf(wanted.ip, wanted.prefix)}/${wanted.prefix}`
  const onLink = modeOf(ctx.resource) === 'ipvlan-l3'
  return [
    ...(gateway !== null ? [[...ip, 'route', 'replace', 'default', 'via', gateway]] : []),
    ...(gateway === null && onLink ? [[...ip, 'route', 'replace', 'default', 'dev', dev]] : []),
    ...(flagOf(ctx.resource, 'del_net_route') ? [[...ip, 'route', 'del', network, 'dev', dev]] : []),
  ]
}

/** A container has IPv6 off; with it on, its neighbours are told of the address, and no router changes its routes. */
const ipv6Settings = (dev: string): readonly string[] =>
  ['disable_ipv6=0', 'accept_ra=0', 'ndisc_notify=1'].map((setting) => `net/ipv6/conf/${dev}/${setting}`)
