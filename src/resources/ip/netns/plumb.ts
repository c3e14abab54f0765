import { fail, ok, type Result } from '../../../core/result.js'
import {
  flagOf,
  requiredText,
  textOf,
  type Act,
  type CommandStep,
  type Context,
  type Step,
} from '../../driver.js'
import { findAddress, networkOf, type Link } from '../../kit/ip.js'
import { announceStep, noSuchDevice } from '../availability.js'
import { namespaceNetwork } from '../links.js'
import { deviceOf, linkSteps } from './link.js'
import { hasArp, modeOf } from './mode.js'
import { unplumb } from './release.js'
import type { Namespace, Seen } from './seen.js'

/** From whatever is there, half done or not, to an address that answers. */
export function startSteps(ctx: Context, seen: Seen): readonly Step[] {
  const refused = refusal(ctx, seen)
  if (refused !== null)
    return [{ kind: 'do', text: `plumb ${seen.wanted.ip}`, run: () => Promise.resolve(refused) }]
  const { current } = seen
  if (current === null) return []
  const cleared = seen.stale.flatMap((namespace) => unplumb(ctx, namespace))
  const dev = deviceOf(ctx, current)
  return [...cleared, ...linkSteps(ctx, seen, current, dev), ...inside(ctx, seen, current, dev)]
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
  if (current.plumbed !== null) return null
  const parent = seen.nodeLinks.find(({ name }) => name === dev)
  if (parent === undefined) return noSuchDevice(dev)
  if (!lacksCarrier(ctx, parent)) return null
  return fail(
    'CONFLICT',
    `${dev} has no carrier: look at its cable and its switch port, or set check_carrier=false`,
  )
}

/** A bridge without ports has no carrier until it gets its first one, and one that is not raised yet says nothing of its own. */
export function lacksCarrier(ctx: Context, parent: Link | undefined): boolean {
  if (parent === undefined || !flagOf(ctx.resource, 'check_carrier')) return false
  return modeOf(ctx.resource) !== 'bridge' && parent.up && !parent.carrier
}

/** What happens in the namespace once the interface is there; what is done already is left out. */
function inside(ctx: Context, seen: Seen, current: Namespace, dev: string): readonly Step[] {
  const { wanted } = seen
  const enter = ['nsenter', `--net=${current.path}`]
  const run = (...argv: readonly string[]): CommandStep => ({ kind: 'command', argv: [...enter, ...argv] })
  const there = current.plumbed
  const address = `${wanted.ip}/${wanted.prefix}`
  return [
    ...(there === null && wanted.family === 6 ? [run('sysctl', '-q', '-w', ...ipv6Settings(dev))] : []),
    ...(there === null ? [run('ip', 'addr', 'add', address, 'dev', dev)] : []),
    ...(there === null || !there.link.up ? [run('ip', 'link', 'set', dev, 'up')] : []),
    ...routes(ctx, seen, dev).map((argv) => run(...argv)),
    ...(wanted.family === 6 ? [unique(current, wanted.ip)] : []),
    ...(hasArp(modeOf(ctx.resource)) ? announceStep(wanted, dev, enter) : []),
  ]
}

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

/** The kernel asks the network whether the IPv6 address is unique (RFC 4862, section 5.4); until it knows, the address does not work. */
function unique(namespace: Namespace, ip: string): Step {
  return {
    kind: 'do',
    text: `wait until ${ip} is known to be unique`,
    run: async (act) => {
      for (let tries = 0; tries < UNIQUE_TRIES; tries += 1) {
        const state = await duplicateState(act, namespace.path, ip)
        if (!state.ok) return state
        if (state.value === 'unique') return ok(undefined)
        if (state.value === 'duplicate') {
          return fail(
            'CONFLICT',
            `${ip} is in use by another machine: stop that one, or choose another address`,
          )
        }
        await act.sleep(UNIQUE_POLL_MS)
      }
      return fail(
        'EXEC_TIMEOUT',
        `it is not known within ${(UNIQUE_TRIES * UNIQUE_POLL_MS) / 1000} s whether ${ip} is unique`,
      )
    },
  }
}

const UNIQUE_POLL_MS = 100
const UNIQUE_TRIES = 50

async function duplicateState(
  act: Act,
  path: string,
  ip: string,
): Promise<Result<'unique' | 'duplicate' | 'open'>> {
  const network = await namespaceNetwork(act.look(), path)
  if (!network.ok) return network
  const address = findAddress(network.value.links, ip)?.address
  if (address === undefined || address.duplicate) return ok('duplicate')
  return ok(address.tentative ? 'open' : 'unique')
}
