import { fail, ok, type Result } from '../../../core/result.js'
import type { Severing } from '../../../daemon/ports.js'
import type { ResourceMessage } from '../../../core/document.js'
import {
  flagOf,
  requiredText,
  textOf,
  type Context,
  type Driver,
  type Report,
  type Step,
} from '../../driver.js'
import { familyOf, findAddress, type Link, type Plumbed, type Route } from '../../kit/ip.js'
import type { Look } from '../../look.js'
import { assumedAddress, wantedAddress, writtenAddress, type Wanted } from '../address.js'
import { probeStep } from '../availability.js'
import { lacksCarrier, noCarrier } from '../carrier.js'
import { nodeNetwork } from '../links.js'
import { keywords } from './keywords.js'
import { isRouted, startSteps, stopSteps } from './plumb.js'

export interface Seen {
  readonly wanted: Wanted
  /** Keyword `ipdev`; undefined where the node has no such interface. */
  readonly device: Link | undefined
  /** The address on that interface. */
  readonly plumbed: Plumbed | null
  /** Another interface of the node that has the address. */
  readonly elsewhere: string | null
  readonly defaultRoutes: readonly Route[]
}

/** An address on an interface of the node. */
export const ipHost: Driver<Seen> = {
  group: 'ip',
  type: 'host',
  keywords,
  tools: [
    { command: 'ip', package: 'iproute2' },
    { command: 'arping', package: 'iputils-arping' },
  ],
  events: ['addresses'],
  label: (ctx) => `${writtenAddress(ctx)} ${requiredText(ctx.resource, 'ipdev')}`,
  look,
  status,
  start: (ctx, seen) => {
    const why = refusal(ctx, seen)
    if (why === null) return startSteps(ctx, seen)
    const run = (): Promise<Result<never>> => Promise.resolve(fail('CONFLICT', why))
    return [{ kind: 'do', text: `add ${seen.wanted.ip}`, refuses: true, run }]
  },
  stop: stopSteps,
  early,
  released: (_, seen) => seen.plumbed === null,
  sever,
  assume,
}

async function look(ctx: Context, look: Look): Promise<Result<Seen>> {
  const family = familyOf(requiredText(ctx.resource, 'ipname')) ?? 4
  const node = await nodeNetwork(look, family)
  if (!node.ok) return node
  const { links, defaultRoutes } = node.value
  const wanted = await wantedAddress(ctx, look, links)
  if (!wanted.ok) return wanted
  const dev = requiredText(ctx.resource, 'ipdev')
  const device = links.find(({ name }) => name === dev)
  const others = links.filter(({ name }) => name !== dev)
  return ok({
    wanted: wanted.value,
    device,
    plumbed: device === undefined ? null : findAddress([device], wanted.value.ip),
    elsewhere: findAddress(others, wanted.value.ip)?.link.name ?? null,
    defaultRoutes,
  })
}

/** A host name cannot be looked up while all hangs: what is known by one only stays. */
function sever(ctx: Context): readonly Severing[] {
  const ip = requiredText(ctx.resource, 'ipname')
  return familyOf(ip) === null ? [] : [['@address', requiredText(ctx.resource, 'ipdev'), ip]]
}

/** Where the address is already, the answer would be this node's own. */
function early(ctx: Context, seen: Seen): Step | null {
  if (seen.plumbed !== null || refusal(ctx, seen) !== null) return null
  return probeStep(ctx, seen.wanted, seen.device ?? null)
}

/** Why it cannot be plumbed; null where it can. */
function refusal(ctx: Context, seen: Seen): string | null {
  const { wanted, device, plumbed, elsewhere } = seen
  const dev = requiredText(ctx.resource, 'ipdev')
  if (plumbed !== null) return null
  if (wanted.problem !== null) return wanted.problem
  if (device === undefined) return `this node has no interface ${dev}: look at "ip link", or set ipdev@node`
  if (elsewhere !== null)
    return `${wanted.ip} is on ${elsewhere} of this node already: remove it there, or set ipdev`
  if (lacksCarrier(ctx, device)) return noCarrier(dev)
  const others = device.addresses.filter(({ scope }) => scope !== 'link')
  if (flagOf(ctx.resource, 'alias') || others.length === 0) return null
  return `${dev} has the address ${others[0]?.local}, and alias is false: remove it, or set alias=true`
}

function status(ctx: Context, seen: Seen): Report {
  const { plumbed, elsewhere } = seen
  const dev = requiredText(ctx.resource, 'ipdev')
  const elsewhereText = `${seen.wanted.ip} is on ${elsewhere} of this node instead`
  if (plumbed === null)
    return { status: 'down', messages: elsewhere === null ? [] : [warning(elsewhereText)] }
  if (lacksCarrier(ctx, seen.device)) {
    return { status: 'down', messages: [{ level: 'error', text: noCarrier(dev) }] }
  }
  const texts = [
    ...(plumbed.link.up ? [] : [`${dev} is not up`]),
    ...(plumbed.address.duplicate ? [`${seen.wanted.ip} is in use by another machine as well`] : []),
    ...(plumbed.address.tentative ? [`it is not known yet whether ${seen.wanted.ip} is unique`] : []),
    ...(isRouted(ctx, seen)
      ? []
      : [`the node has no default route through ${textOf(ctx.resource, 'gateway')}`]),
  ]
  return { status: texts.length > 0 ? 'warn' : 'up', messages: texts.map(warning) }
}

const warning = (text: string): ResourceMessage => ({ level: 'warn', text })

/** For dry runs. */
function assume(ctx: Context, state: 'up' | 'down'): Seen {
  const wanted = assumedAddress(ctx)
  const address = {
    family: wanted.family,
    local: wanted.ip,
    prefix: wanted.prefix,
    scope: 'global',
    tentative: false,
    duplicate: false,
  }
  const device: Link = {
    name: requiredText(ctx.resource, 'ipdev'),
    mtu: 1500,
    mac: '',
    alias: '',
    up: true,
    carrier: true,
    loopback: false,
    addresses: state === 'up' ? [address] : [],
  }
  const plumbed = state === 'up' ? { link: device, address } : null
  return { wanted, device, plumbed, elsewhere: null, defaultRoutes: [] }
}
