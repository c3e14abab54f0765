import { isIP } from 'node:net'
import { z } from 'zod'
import { fail, ok, type Result } from '../../core/result.js'
import { parseJson } from './json.js'

export type Family = 4 | 6

/** A network interface with its addresses, as `ip -j address` tells it. */
export interface Link {
  readonly name: string
  readonly mtu: number
  readonly mac: string
  /** What somebody wrote on it; empty where nobody did. */
  readonly alias: string
  /** Administratively up. */
  readonly up: boolean
  readonly carrier: boolean
  readonly loopback: boolean
  readonly addresses: readonly Address[]
}

export interface Address {
  readonly family: Family
  readonly local: string
  readonly prefix: number
  readonly scope: string
  /** IPv6: duplicate address detection is under way, or found that somebody else has it. */
  readonly tentative: boolean
  readonly duplicate: boolean
}

export interface Route {
  readonly destination: string
  readonly gateway: string | null
  readonly dev: string | null
}

/** Answers of `ip -j address show` and of `ip -j link show`, which alone tells what is written on an interface. */
export function parseLinks(addresses: string, links: string): Result<readonly Link[]> {
  const parsed = parseJson(addresses, z.array(LinkAnswer), 'ip address')
  if (!parsed.ok) return parsed
  const written = parseJson(links, z.array(LinkAnswer), 'ip link')
  if (!written.ok) return written
  const aliases = new Map(written.value.map((link) => [link.ifname, link.ifalias]))
  return ok(parsed.value.filter(isNamed).map((link) => toLink(link, aliases.get(link.ifname) ?? '')))
}

/** Answer of `ip -j route show`. */
export function parseRoutes(text: string): Result<readonly Route[]> {
  const parsed = parseJson(text.trim() === '' ? '[]' : text, z.array(RouteAnswer), 'ip route')
  if (!parsed.ok) return parsed
  return ok(
    parsed.value.map((route) => ({
      destination: route.dst,
      gateway: route.gateway ?? null,
      dev: route.dev ?? null,
    })),
  )
}

const AddressAnswer = z.object({
  family: z.string(),
  local: z.string().optional(),
  prefixlen: z.number().optional(),
  scope: z.string().optional(),
  tentative: z.boolean().optional(),
  dadfailed: z.boolean().optional(),
})

const LinkAnswer = z.object({
  ifname: z.string().optional(),
  mtu: z.number().optional(),
  flags: z.array(z.string()).optional(),
  address: z.string().optional(),
  ifalias: z.string().optional(),
  addr_info: z.array(AddressAnswer).optional(),
})

const RouteAnswer = z.object({ dst: z.string(), gateway: z.string().optional(), dev: z.string().optional() })

type LinkAnswer = z.infer<typeof LinkAnswer>

// Some versions of ip print `{}` for what a filter left out.
const isNamed = (link: LinkAnswer): link is LinkAnswer & { ifname: string } => link.ifname !== undefined

function toLink(link: LinkAnswer & { ifname: string }, alias: string): Link {
  const flags = link.flags ?? []
  return {
    name: link.ifname,
    mtu: link.mtu ?? DEFAULT_MTU,
    mac: link.address ?? '',
    alias,
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    loopback: flags.includes('LOOPBACK'),
    addresses: (link.addr_info ?? []).flatMap(toAddress),
  }
}

const DEFAULT_MTU = 1500

function toAddress(answer: z.infer<typeof AddressAnswer>): readonly Address[] {
  if (answer.local === undefined || (answer.family !== 'inet' && answer.family !== 'inet6')) return []
  return [
    {
      family: answer.family === 'inet' ? 4 : 6,
      local: answer.local,
      prefix: answer.prefixlen ?? 0,
      scope: answer.scope ?? 'global',
      tentative: answer.tentative === true,
      duplicate: answer.dadfailed === true,
    },
  ]
}

/** Where an address is among some links. */
export interface Plumbed {
  readonly link: Link
  readonly address: Address
}

/** The interface that has the address, however it is written. */
export function findAddress(links: readonly Link[], ip: string): Plumbed | null {
  for (const link of links) {
    const address = link.addresses.find((candidate) => sameAddress(candidate.local, ip))
    if (address !== undefined) return { link, address }
  }
  return null
}

/** 4 or 6; null for what is no address. */
export function familyOf(ip: string): Family | null {
  const family = isIP(ip)
  return family === 4 || family === 6 ? family : null
}

/** IPv6 addresses have many spellings. */
export function sameAddress(a: string, b: string): boolean {
  const one = numberOf(a)
  return one !== null && familyOf(a) === familyOf(b) && one === numberOf(b)
}

/** Prefix length from a keyword: `24` or `255.255.255.0`. */
export function prefixOf(netmask: string, family: Family): Result<number> {
  const bits = family === 4 ? 32 : 128
  if (/^\d{1,3}$/.test(netmask) && Number(netmask) <= bits) return ok(Number(netmask))
  const mask = family === 4 && isIP(netmask) === 4 ? numberOf(netmask) : null
  const ones = mask?.toString(2).padStart(32, '0') ?? ''
  if (mask === null || !/^1*0*$/.test(ones)) {
    return fail('INVALID', `netmask ${netmask} is neither a prefix length of 0 to ${bits} nor a dotted mask`)
  }
  return ok(ones.replaceAll('0', '').length)
}

/** Is the address in the network of `other/prefix`? */
export function inNetwork(ip: string, other: string, prefix: number): boolean {
  const [a, b, family] = [numberOf(ip), numberOf(other), familyOf(ip)]
  if (a === null || b === null || family === null || family !== familyOf(other)) return false
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefix)
  return a >> hostBits === b >> hostBits
}

/** First address of the network: `192.0.2.0` for `192.0.2.14/24`. */
export function networkOf(ip: string, prefix: number): string {
  const family = familyOf(ip)
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefix)
  const network = ((numberOf(ip) ?? 0n) >> hostBits) << hostBits
  return family === 4 ? written4(network) : written6(network)
}

function numberOf(ip: string): bigint | null {
  const family = familyOf(ip)
  if (family === null) return null
  return family === 4 ? number4(ip) : number6(ip)
}

const number4 = (ip: string): bigint => ip.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n)

/** RFC 4291, section 2.2: `::` stands for as many zero groups as are missing, the last 32 bits may be dotted, `%zone` says where. */
function number6(ip: string): bigint {
  const plain = ip.replace(/%.*$/, '').replace(/[\d.]+$/, (dotted) => {
    if (!dotted.includes('.')) return dotted
    const number = number4(dotted)
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [before, after] = [groups(head), groups(tail ?? '')]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

const written4 = (ip: bigint): string => [24n, 16n, 8n, 0n].map((bits) => (ip >> bits) & 0xffn).join('.')

/** Every group written out, which `ip` reads as well. */
const written6 = (ip: bigint): string =>
  Array.from({ length: 8 }, (_, i) => ((ip >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':')
