import { ok, type Result } from '../../../core/result.js'
import { requiredText, textOf, type Context } from '../../driver.js'
import { isAlive, type Container } from '../../container/engine/container.js'
import { engineOf, type Engine } from '../../container/engine/engine.js'
import { holderOf, sharesWith } from '../../container/engine/namespaces.js'
import { containerOfResource } from '../../container/engine/seen.js'
import { engineFor } from '../../container/engines.js'
import { processAt } from '../../kit/processes.js'
import { findAddress, sameAddress, type Link, type Plumbed } from '../../kit/ip.js'
import { Look } from '../../look.js'
import { assumedAddress, unknownAddress, wantedAddress, type Wanted } from '../address.js'
import { namespaceNetwork, nodeNetwork, type Network } from '../links.js'

export interface Seen {
  readonly wanted: Wanted
  /** Interfaces of the node. */
  readonly nodeLinks: readonly Link[]
  /** The namespace that the container has now; null where the container does not run. */
  readonly current: Namespace | null
  /** Earlier ones that live on in other containers of the service. */
  readonly stale: readonly Namespace[]
}

/** A network namespace, entered by way of the container that keeps it. */
export interface Namespace {
  readonly path: string
  readonly pid: string
  readonly container: string
  readonly network: Network
  /** Where the address is in it; null where it is not. */
  readonly plumbed: Plumbed | null
  /** The interface that a start of this resource put there, with or without the address. */
  readonly made: Link | null
}

/** The interface, the address and the namespace that holds it. */
export async function look(ctx: Context, look: Look): Promise<Result<Seen>> {
  const [engine, node] = await Promise.all([engineBeforeNetwork(ctx, look), nodeNetwork(look, 4)])
  if (!engine.ok) return engine
  if (!node.ok) return node
  const containers = engine.value.kind === 'answers' ? engine.value.containers : []
  const seen = await seenAmong(ctx, look, containers, node.value.links)
  if (seen.ok) return seen
  // one that ended after the engine had told of it keeps no namespace any more
  const living = await stillLiving(look, containers)
  return living.length === containers.length ? seen : seenAmong(ctx, look, living, node.value.links)
}

/**
 * What is in the namespaces that were seen: the containers do not change by what is done in there. The node's own interfaces are asked behind a start, which
 * raises one, and whose look may be older than its carrier. A namespace that cannot be entered any more says that something else did change.
 */
export async function again(ctx: Context, before: Seen, shared: Look): Promise<Result<Seen>> {
  if (before.current === null) return look(ctx, shared)
  const { wanted } = before
  const asked = before.current.plumbed === null ? nodeNetwork(shared, 4) : ok({ links: before.nodeLinks })
  const current = await enter(ctx, shared, before.current, wanted)
  const stale = await Promise.all(before.stale.map((one) => enter(ctx, shared, one, wanted)))
  const entered = stale.flatMap((one) => (one.ok ? [one.value] : []))
  if (!current.ok || entered.length < stale.length) return look(ctx, new Look(shared.io))
  const node = await asked
  return node.ok
    ? ok({ ...before, nodeLinks: node.value.links, current: current.value, stale: entered })
    : node
}

async function seenAmong(
  ctx: Context,
  look: Look,
  containers: readonly Container[],
  nodeLinks: readonly Link[],
): Promise<Result<Seen>> {
  const owner = ownerOf(ctx, containers)
  const lost = staleSharers(ctx, containers, owner)
  const known = await wantedAddress(ctx, look, nodeLinks)
  if (!known.ok && (owner !== null || lost.length > 0)) return known
  const wanted = known.ok ? known.value : unknownAddress(ctx, known.error.message)
  const current = owner === null ? ok([]) : await enterAll(ctx, look, [owner], wanted)
  const stale = await enterAll(ctx, look, lost, wanted)
  if (!current.ok) return current
  if (!stale.ok) return stale
  return ok({ wanted, nodeLinks, current: current.value[0] ?? null, stale: stale.value })
}

async function stillLiving(look: Look, containers: readonly Container[]): Promise<readonly Container[]> {
  const processes = await Promise.all(containers.map(({ pid }) => processAt(look.io.files, pid)))
  return containers.filter((container, index) => !isAlive(container) || processes[index] !== null)
}

/** What is in the container's namespace is asked as soon as the engine tells which one that is, beside the node's own interfaces. */
async function engineBeforeNetwork(ctx: Context, look: Look): Promise<Result<Engine>> {
  const holder = holderOf(ctx.service, requiredText(ctx.resource, 'netns'))
  if (holder === null) return ok<Engine>({ kind: 'answers', containers: [] })
  const engine = await engineOf(look, engineFor(holder), ctx.service)
  const owner = engine.ok && engine.value.kind === 'answers' ? ownerOf(ctx, engine.value.containers) : null
  if (owner !== null) void namespaceNetwork(look, pathOf(owner), 4)
  return engine
}

/** The running container that the resource names. */
function ownerOf(ctx: Context, containers: readonly Container[]): Container | null {
  const owner = containerOfResource(containers, ctx.service, requiredText(ctx.resource, 'netns'))
  return owner !== null && isAlive(owner) ? owner : null
}

/**
 * Containers of the service that should share the owner's namespace and still run in an earlier one. The address that was plumbed
 * there answers as long as they run.
 */
function staleSharers(
  ctx: Context,
  containers: readonly Container[],
  owner: Container | null,
): readonly Container[] {
  const netns = requiredText(ctx.resource, 'netns')
  return ctx.service.resources
    .filter((resource) => resource.group === 'container' && textOf(resource, 'netns') === netns)
    .flatMap((resource) => containerOfResource(containers, ctx.service, resource.rid) ?? [])
    .filter((sharer) => isAlive(sharer) && sharer.namespaces.net.startsWith('container:'))
    .filter((sharer) => owner === null || !sharesWith(sharer, sharer.namespaces.net, owner))
}

/** Does the namespace have the default route that the configuration asks for? */
export function isRouted(ctx: Context, { network }: Namespace): boolean {
  const gateway = textOf(ctx.resource, 'gateway')
  return gateway === null || network.defaultRoutes.some((route) => sameAddress(route.gateway ?? '', gateway))
}

/** Written on the interface, so that a start which was interrupted is found again. */
export const aliasOf = (ctx: Context): string => `${ctx.service.name}.${ctx.resource.rid}`

async function enterAll(
  ctx: Context,
  look: Look,
  containers: readonly Container[],
  wanted: Wanted,
): Promise<Result<readonly Namespace[]>> {
  const namespaces: Namespace[] = []
  for (const container of containers) {
    const place = { path: pathOf(container), pid: String(container.pid), container: container.name }
    const entered = await enter(ctx, look, place, wanted)
    if (!entered.ok) return entered
    namespaces.push(entered.value)
  }
  return ok(namespaces)
}

async function enter(
  ctx: Context,
  look: Look,
  { path, pid, container }: Pick<Namespace, 'path' | 'pid' | 'container'>,
  wanted: Wanted,
): Promise<Result<Namespace>> {
  const network = await namespaceNetwork(look, path, wanted.family)
  if (!network.ok) return network
  const { links } = network.value
  const plumbed = findAddress(links, wanted.ip)
  const made = links.find(({ alias }) => alias === aliasOf(ctx)) ?? null
  return ok({ path, pid, container, network: network.value, plumbed, made })
}

const pathOf = (container: Container): string =>
  container.sandboxKey === '' ? `/proc/${container.pid}/ns/net` : container.sandboxKey

/** For dry runs, in which no container has a process id yet. */
export function assume(ctx: Context, state: 'up' | 'down'): Seen {
  const wanted = assumedAddress(ctx)
  const netns = requiredText(ctx.resource, 'netns')
  const parent = assumedLink(requiredText(ctx.resource, 'ipdev'))
  const inside = assumedLink(textOf(ctx.resource, 'nsdev') ?? 'eth0')
  const address = { family: wanted.family, local: wanted.ip, prefix: wanted.prefix }
  const plumbed = {
    link: inside,
    address: { ...address, scope: 'global', tentative: false, duplicate: false },
  }
  return {
    wanted,
    nodeLinks: [parent],
    current: {
      path: `<netns of ${netns}>`,
      pid: `<pid of ${netns}>`,
      container: netns,
      network: { links: [], defaultRoutes: [] },
      plumbed: state === 'up' ? plumbed : null,
      made: null,
    },
    stale: [],
  }
}

const assumedLink = (name: string): Link => ({
  name,
  mtu: 1500,
  mac: '',
  alias: '',
  up: true,
  carrier: true,
  loopback: false,
  addresses: [],
})
