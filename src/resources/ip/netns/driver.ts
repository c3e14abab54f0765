import type { ResourceMessage } from '../../../core/document.js'
import { requiredText, textOf, type Context, type Driver, type Report, type Step } from '../../driver.js'
import type { Severing } from '../../../daemon/ports.js'
import { familyOf } from '../../kit/ip.js'
import { writtenAddress } from '../address.js'
import { probeStep } from '../availability.js'
import { noCarrier } from '../carrier.js'
import { keywords } from './keywords.js'
import { linkKinds } from './features.js'
import { hasArp, modeOf } from './mode.js'
import { prepareSteps, startSteps, withoutCarrier } from './plumb.js'
import { stopSteps } from './release.js'
import { again, assume, isRouted, look, type Namespace, type Seen } from './seen.js'

/** An address in the network namespace of a container, on an interface of its own. */
export const ipNetns: Driver<Seen> = {
  group: 'ip',
  type: 'netns',
  keywords,
  tools: [
    { command: 'ip', package: 'iproute2' },
    { command: 'nsenter', package: 'util-linux' },
    { command: 'arping', package: 'iputils-arping' },
  ],
  features: linkKinds,
  // the engine's events come to the container's own resource, and wake the service
  events: ['addresses'],
  label,
  look,
  again,
  status,
  start: startSteps,
  stop: stopSteps,
  prepare: prepareSteps,
  early,
  released: (_, seen) =>
    (seen.current?.plumbed ?? null) === null && seen.stale.every(({ plumbed }) => plumbed === null),
  sever,
  assume,
}

/**
 * The namespace may outlive the processes in it: the kernel goes on telling the last client that its connection is closed, from the same address. A
 * host name cannot be looked up while all hangs: then the end of the processes has to do.
 */
function sever(ctx: Context): readonly Severing[] {
  const ip = requiredText(ctx.resource, 'ipname')
  return familyOf(ip) === null ? [] : [['@address-inside', `LONGSHORE_SERVICE=${ctx.service.name}`, ip]]
}

function label(ctx: Context): string {
  const { resource } = ctx
  const place = `${requiredText(resource, 'ipdev')}@${requiredText(resource, 'netns')}`
  return `netns ${modeOf(resource)} ${writtenAddress(ctx)} ${place}`
}

/** Where the address is already, in whichever namespace, the answer would be this node's own. */
function early(ctx: Context, seen: Seen): Step | null {
  const here = [seen.current, ...seen.stale].some((namespace) => (namespace?.plumbed ?? null) !== null)
  if (here || seen.wanted.problem !== null || !hasArp(modeOf(ctx.resource))) return null
  return probeStep(ctx, seen.wanted, parentOf(ctx, seen) ?? null)
}

const parentOf = (ctx: Context, seen: Seen) =>
  seen.nodeLinks.find(({ name }) => name === requiredText(ctx.resource, 'ipdev'))

function status(ctx: Context, seen: Seen): Report {
  const stale = seen.stale.flatMap((namespace) => staleMessage(ctx, namespace))
  const { current } = seen
  if (current === null || current.plumbed === null) {
    return { status: stale.length > 0 ? 'warn' : 'down', messages: stale }
  }
  if (withoutCarrier(ctx, parentOf(ctx, seen))) {
    const text = noCarrier(requiredText(ctx.resource, 'ipdev'))
    return { status: 'down', messages: [...stale, { level: 'error', text }] }
  }
  const messages = [...stale, ...halfDone(ctx, seen, current)]
  return { status: messages.length > 0 ? 'warn' : 'up', messages }
}

function staleMessage(ctx: Context, namespace: Namespace): readonly ResourceMessage[] {
  if (namespace.plumbed === null) return []
  const netns = requiredText(ctx.resource, 'netns')
  const text = `the address is still in the namespace of an earlier ${netns}, which ${namespace.container} keeps`
  return [{ level: 'warn', text }]
}

function halfDone(ctx: Context, seen: Seen, current: Namespace): readonly ResourceMessage[] {
  const { plumbed } = current
  if (plumbed === null) return []
  const texts = [
    ...(plumbed.link.up ? [] : [`${plumbed.link.name} is not up in the namespace`]),
    ...(plumbed.address.duplicate ? [`${seen.wanted.ip} is in use by another machine as well`] : []),
    ...(plumbed.address.tentative ? [`it is not known yet whether ${seen.wanted.ip} is unique`] : []),
    ...(isRouted(ctx, current) ? [] : [`no default route through ${textOf(ctx.resource, 'gateway')}`]),
  ]
  return texts.map((text) => ({ level: 'warn', text }))
}
