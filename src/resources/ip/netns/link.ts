import { requiredText, textOf, type CommandStep, type Context, type Step } from '../../driver.js'
import type { Link } from '../../kit/ip.js'
import type { Network } from '../links.js'
import { modeOf } from './mode.js'
import { aliasOf, type Namespace, type Seen } from './seen.js'

/** Linux cuts no interface name: longer ones are refused. */
const NAME_CHARACTERS = 15

/** The interface inside: where the address is, or was to be; else keyword `nsdev`; else the first free eth0, eth1, … */
export function deviceOf(ctx: Context, { plumbed, made, network }: Namespace): string {
  const named = plumbed?.link.name ?? made?.name ?? textOf(ctx.resource, 'nsdev')
  if (named !== null) return named
  for (let n = 0; ; n += 1) if (!hasDevice(network, `eth${n}`)) return `eth${n}`
}

export const hasDevice = ({ links }: Network, dev: string): boolean => links.some(({ name }) => name === dev)

/**
 * Makes the interface among the node's own, under a name that no other start uses, and moves it into the namespace. One that is there
 * already serves.
 */
export function linkSteps(ctx: Context, seen: Seen, namespace: Namespace, dev: string): readonly Step[] {
  const parent = seen.nodeLinks.find(({ name }) => name === requiredText(ctx.resource, 'ipdev'))
  if (parent === undefined || hasDevice(namespace.network, dev)) return []
  const link: NewLink = { parent, namespace, dev, mac: textOf(ctx.resource, 'macaddr'), alias: aliasOf(ctx) }
  return [...removeLeftovers(ctx, seen), ...made(ctx, link)]
}

/** An interrupted start may have left an interface among the node's own, on its way to the namespace. */
export function removeLeftovers(ctx: Context, seen: Seen): readonly Step[] {
  if (seen.current === null) return []
  const dev = deviceOf(ctx, seen.current)
  if (hasDevice(seen.current.network, dev)) return []
  const names = [temporaryName(seen.current.pid, dev), pairNames(seen.current.pid, dev)[0]]
  return seen.nodeLinks
    .filter(({ name }) => names.includes(name))
    .map(({ name }) => ip('link', 'del', 'dev', name))
}

interface NewLink {
  readonly parent: Link
  readonly namespace: Namespace
  readonly dev: string
  readonly mac: string | null
  readonly alias: string
}

function made(ctx: Context, link: NewLink): readonly Step[] {
  const mode = modeOf(ctx.resource)
  switch (mode) {
    case 'bridge':
      return bridged(link)
    case 'macvlan':
      return layered(link, ['macvlan', 'mode', 'bridge'])
    case 'ipvlan-l2':
      return layered({ ...link, mac: null }, ['ipvlan', 'mode', 'l2'])
    case 'ipvlan-l3':
      return layered({ ...link, mac: null }, ['ipvlan', 'mode', 'l3'])
    case 'dedicated':
      return [move(link.parent.name, link)]
  }
}

/** An interface on top of the node's own. */
function layered(link: NewLink, type: readonly string[]): readonly Step[] {
  const { parent, namespace, dev } = link
  const name = temporaryName(namespace.pid, dev)
  const mtu = String(parent.mtu)
  return [
    ip('link', 'add', 'link', parent.name, 'name', name, ...address(link), 'mtu', mtu, 'type', ...type),
    ...raised(parent),
    move(name, link),
  ]
}

/** A pair of them, the node's end on the bridge. */
function bridged(link: NewLink): readonly Step[] {
  const { parent, namespace, dev } = link
  const [host, guest] = pairNames(namespace.pid, dev)
  const mtu = String(parent.mtu)
  return [
    ip(
      'link',
      'add',
      'name',
      host,
      'mtu',
      mtu,
      'type',
      'veth',
      'peer',
      'name',
      guest,
      ...address(link),
      'mtu',
      mtu,
    ),
    ip('link', 'set', host, 'master', parent.name),
    ip('link', 'set', host, 'up'),
    ...raised(parent),
    move(guest, link),
  ]
}

const ip = (...words: readonly string[]): CommandStep => ({ kind: 'command', argv: ['ip', ...words] })

const address = ({ mac }: NewLink): readonly string[] => (mac === null ? [] : ['address', mac])

const raised = (parent: Link): readonly Step[] => (parent.up ? [] : [ip('link', 'set', parent.name, 'up')])

const move = (name: string, { namespace, dev, alias }: NewLink): CommandStep =>
  ip('link', 'set', name, 'netns', namespace.pid, 'name', dev, 'alias', alias)

const temporaryName = (pid: string, dev: string): string => `ph${pid}${ending(dev, pid)}`

const pairNames = (pid: string, dev: string): readonly [string, string] => [
  `v${ending(dev, pid)}pl${pid}`,
  `v${ending(dev, pid)}pg${pid}`,
]

/** As much of the name as there is room for, from its end, where names differ. In a dry run the process id is words. */
function ending(dev: string, pid: string): string {
  const room = NAME_CHARACTERS - pid.length - 'vpl'.length
  return /^\d+$/.test(pid) && room < dev.length ? dev.slice(-room) : dev
}
