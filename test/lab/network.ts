// Two networks, their switch in a namespace of its own: where a Docker engine runs on the machine, its FORWARD
// policy would drop what crosses a bridge there. The switch's own address is the outside world.
import { access } from 'node:fs/promises'
import { LabError } from './failure.js'
import { ask, run } from './command.js'
import { nodeNamespace, type Place } from './place.js'

export const NETWORKS = [0, 1] as const
export type Network = (typeof NETWORKS)[number]

const INTERFACES = { 0: 'bond0', 1: 'eth1' } as const

/** On net 0, in the switch's namespace and without an address: what is asked here changes nothing for anybody's neighbour table. */
export const WATCH_PORT = 'watch'

export function addressOf(network: Network, last: number): string {
  return `192.168.${100 + network}.${last}`
}

export function nodeAddress(n: number, network: Network = 0): string {
  return addressOf(network, 100 + n)
}

/** The switch's end of a node's cable. */
export function portOf(place: Place, n: number, network: Network): string {
  return `lsl-${place.name}-${n}-${network}`
}

export async function makeSwitch(place: Place): Promise<void> {
  const ns = place.switchNamespace
  await run(['ip', 'netns', 'add', ns])
  await ip(ns, [
    'link set lo up',
    ...NETWORKS.flatMap((network) => [
      `link add br${network} type bridge forward_delay 0 mcast_snooping 0`,
      `addr add ${addressOf(network, 1)}/24 dev br${network}`,
      `link set br${network} up`,
    ]),
    `link add ${WATCH_PORT} type veth peer name ${WATCH_PORT}-br`,
    `link set ${WATCH_PORT}-br master br0 up`,
    `link set ${WATCH_PORT} up`,
  ])
  await nft(place, RULES)
}

// sets, so that a cut and its healing are one atomic step each, and the kernel is the only one who keeps them
const RULES = `
table bridge lab {
  set cuts { type ifname . ifname; }
  set alone { type ifname; }
  chain lossy { }
  chain forward {
    type filter hook forward priority 0;
    iifname . oifname @cuts drop
    iifname @alone drop
    oifname @alone drop
    jump lossy
  }
  chain input { type filter hook input priority 0; iifname @alone drop; }
  chain output { type filter hook output priority 0; oifname @alone drop; }
}`

/** Gives a node a network namespace and its two cables. */
export async function plug(place: Place, n: number): Promise<void> {
  const ns = nodeNamespace(place, n)
  await run(['ip', 'netns', 'add', ns])
  await ip(
    place.switchNamespace,
    NETWORKS.flatMap((network) => [
      `link add ${portOf(place, n, network)} type veth peer name ${INTERFACES[network]} address ${macOf(n, network)} netns ${ns}`,
      `link set ${portOf(place, n, network)} master br${network} up`,
    ]),
  )
  await ip(ns, [
    ...NETWORKS.flatMap((network) => [
      `addr add ${nodeAddress(n, network)}/24 brd + dev ${INTERFACES[network]}`,
      `link set ${INTERFACES[network]} up`,
    ]),
    `route add default via ${addressOf(0, 1)}`,
  ])
}

/** A card keeps its address over a reboot: with a new one, the others would send to the old one until their caches forget it. */
export const macOf = (n: number, network: Network): string => `02:00:00:00:0${network}:0${n}`

/** Takes the node off both networks in one go, as pulling its power does. */
export async function silence(place: Place, n: number): Promise<void> {
  await setPorts(place, n, 'down')
}

export async function unsilence(place: Place, n: number): Promise<void> {
  await setPorts(place, n, 'up')
}

async function setPorts(place: Place, n: number, state: 'up' | 'down'): Promise<void> {
  await ip(
    place.switchNamespace,
    NETWORKS.map((network) => `link set ${portOf(place, n, network)} ${state}`),
  )
}

/** Removes what is left of a node's cables and namespace; what is gone already is no error. */
export async function unplug(place: Place, n: number): Promise<void> {
  for (const network of NETWORKS) {
    await ask(['ip', '-n', place.switchNamespace, 'link', 'del', portOf(place, n, network)])
  }
  await removeNamespace(nodeNamespace(place, n))
}

export async function removeNamespace(name: string): Promise<void> {
  const there = await access(`/run/netns/${name}`).then(
    () => true,
    () => false,
  )
  if (there) await run(['ip', 'netns', 'del', name])
}

/** Drops every frame between two nodes, on one network or both. */
export async function cut(place: Place, a: number, b: number, networks: readonly Network[]): Promise<void> {
  if (a === b) throw new LabError(`node${a} cannot be cut from itself: name two nodes`)
  const pairs = networks.flatMap((network) => {
    const [one, other] = [portOf(place, a, network), portOf(place, b, network)]
    return [`"${one}" . "${other}"`, `"${other}" . "${one}"`]
  })
  await nft(place, `add element bridge lab cuts { ${pairs.join(', ')} }`)
}

/** Drops every frame from one node to another on all networks, and none of those that go the other way. */
export async function mute(place: Place, from: number, to: number): Promise<void> {
  if (from === to) throw new LabError(`node${from} cannot be muted towards itself: name two nodes`)
  const pairs = NETWORKS.map(
    (network) => `"${portOf(place, from, network)}" . "${portOf(place, to, network)}"`,
  )
  await nft(place, `add element bridge lab cuts { ${pairs.join(', ')} }`)
}

/** Drops this share of all frames between nodes, by chance; 0 ends it. */
export async function lose(place: Place, percent: number): Promise<void> {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100)
    throw new LabError(`${percent} is no share of frames to lose: name a whole number of percent, 0 to 100`)
  const rule = percent === 0 ? '' : `\nadd rule bridge lab lossy numgen random mod 100 < ${percent} drop`
  await nft(place, `flush chain bridge lab lossy${rule}`)
}

/** Drops every frame from and to a node, the outside included. */
export async function isolate(place: Place, n: number): Promise<void> {
  const ports = NETWORKS.map((network) => `"${portOf(place, n, network)}"`)
  await nft(place, `add element bridge lab alone { ${ports.join(', ')} }`)
}

export async function heal(place: Place): Promise<void> {
  await nft(place, 'flush set bridge lab cuts\nflush set bridge lab alone\nflush chain bridge lab lossy')
}

export interface Cuts {
  readonly cut: readonly string[]
  readonly isolated: readonly string[]
}

/** What is cut now, in words: `node1-node2 net 0`, or `node1>node2 net 0` where one way is. */
export async function cutsNow(place: Place): Promise<Cuts> {
  const listed = JSON.parse(
    await run(['nsenter', `--net=/run/netns/${place.switchNamespace}`, 'nft', '-j', 'list', 'ruleset']),
  ) as { nftables: { set?: { name: string; elem?: (string | { concat: [string, string] })[] } }[] }
  const elements = (name: string) =>
    listed.nftables.flatMap(({ set }) => (set?.name === name ? (set.elem ?? []) : []))
  const ways = elements('cuts').flatMap((element) => {
    if (typeof element === 'string') return []
    const [a, b] = element.concat.map(readPort)
    return a !== undefined && b !== undefined ? [{ from: a.n, to: b.n, network: a.network }] : []
  })
  const isolated = elements('alone').flatMap((element) => {
    const port = typeof element === 'string' ? readPort(element) : undefined
    return port?.network === '0' ? [`node${port.n}`] : []
  })
  return { cut: ways.flatMap((way) => wordsOf(way, ways)).toSorted(), isolated: isolated.toSorted() }
}

interface Way {
  readonly from: string
  readonly to: string
  readonly network: string
}

/** A cut of both ways is said once. */
function wordsOf({ from, to, network }: Way, all: readonly Way[]): readonly string[] {
  const back = all.some((way) => way.from === to && way.to === from && way.network === network)
  if (!back) return [`node${from}>node${to} net ${network}`]
  return from < to ? [`node${from}-node${to} net ${network}`] : []
}

function readPort(port: string): { n: string; network: string } | undefined {
  const found = /-(\d)-(\d)$/.exec(port)
  return found === null ? undefined : { n: found[1] ?? '', network: found[2] ?? '' }
}

async function ip(namespace: string, lines: readonly string[]): Promise<void> {
  await run(['ip', '-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`)
}

async function nft(place: Place, rules: string): Promise<void> {
  await run(['nsenter', `--net=/run/netns/${place.switchNamespace}`, 'nft', '-f', '-'], `${rules}\n`)
}
