import { fail, ok, type Result } from '../../core/result.js'
import { requiredText, textOf, type Context } from '../driver.js'
import { familyOf, inNetwork, prefixOf, type Family, type Link } from '../kit/ip.js'
import type { Look } from '../look.js'

/** The address of a resource, as numbers. */
export interface Wanted {
  readonly ip: string
  readonly family: Family
  readonly prefix: number
  /** Why it cannot be plumbed as configured, in a sentence; null where it can. What is there already can be found all the same. */
  readonly problem: string | null
}

/** From the keywords; a host name is looked up, and a missing netmask is that of the network in which the interface already is. */
export async function wantedAddress(
  ctx: Context,
  look: Look,
  nodeLinks: readonly Link[],
): Promise<Result<Wanted>> {
  const name = requiredText(ctx.resource, 'ipname')
  const ip = familyOf(name) === null ? await lookUp(look, name) : ok(name)
  if (!ip.ok) return ip
  const family = familyOf(ip.value)
  if (family === null) return fail('INVALID', `${ctx.resource.rid}.ipname ${name} has no address`)
  const prefix = prefixFor(ctx, ip.value, family, nodeLinks)
  return prefix.ok
    ? ok({ ip: ip.value, family, prefix: prefix.value, problem: null })
    : ok(unplumbable(ip.value, family, prefix.error.message))
}

const unplumbable = (ip: string, family: Family, problem: string): Wanted => ({
  ip,
  family,
  prefix: 0,
  problem,
})

/** Where nobody can have the address, because there is no place for it, it need not be known. */
export const unknownAddress = (ctx: Context, problem: string): Wanted =>
  unplumbable(requiredText(ctx.resource, 'ipname'), 4, problem)

function prefixFor(ctx: Context, ip: string, family: Family, nodeLinks: readonly Link[]): Result<number> {
  const netmask = textOf(ctx.resource, 'netmask')
  if (netmask !== null) return prefixOf(netmask, family)
  const dev = requiredText(ctx.resource, 'ipdev')
  const link = nodeLinks.find(({ name }) => name === dev)
  const own = link?.addresses.find(({ local, prefix }) => inNetwork(ip, local, prefix))
  if (own !== undefined) return ok(own.prefix)
  const message = `there is no netmask, and ${dev} has no address in the network of ${ip}: set netmask`
  return fail('INVALID', message)
}

const LOOK_UP_MS = 5_000

/** By the node's own means: /etc/hosts, DNS, whatever nsswitch.conf says. */
function lookUp(look: Look, name: string): Promise<Result<string>> {
  return look.once(`address of ${name}`, async (io) => {
    const answer = await io.exec.run(['getent', 'ahosts', name], { timeoutMs: LOOK_UP_MS })
    const ip = answer.stdout.split(/\s/)[0] ?? ''
    if (answer.exit === 0 && ip !== '') return ok(ip)
    return fail(
      'UNAVAILABLE',
      `the host name ${name} has no address: look at /etc/hosts and DNS, or set an address`,
    )
  })
}

/** `192.0.2.14/24`, as it stands in the configuration. */
export function writtenAddress(ctx: Context): string {
  const netmask = textOf(ctx.resource, 'netmask')
  const name = requiredText(ctx.resource, 'ipname')
  if (netmask === null) return name
  const prefix = prefixOf(netmask, familyOf(name) ?? 4)
  return `${name}/${prefix.ok ? prefix.value : netmask}`
}

/** For dry runs, where nobody looks a name up. */
export function assumedAddress(ctx: Context): Wanted {
  const name = requiredText(ctx.resource, 'ipname')
  const family = familyOf(name) ?? 4
  const prefix = prefixOf(textOf(ctx.resource, 'netmask') ?? '', family)
  return { ip: name, family, prefix: prefix.ok ? prefix.value : family === 4 ? 24 : 64, problem: null }
}
