import { namespaceHolder, namespaceHolders } from './namespaces.js'
import { compareNatural } from './natural.js'
import { fail, ok, type Result } from './result.js'
import { matches, select } from './selection.js'
import { GROUPS, type Resource, type Service } from './service.js'
import type { OrderSelection } from './world.js'

/** Resources that may be acted upon at the same time. One resource, except in a parallel subset. */
export type Stage = readonly Resource[]

export type PlannedAction = 'prepare' | 'start' | 'stop' | 'provision' | 'unprovision'

/**
 * The ordered stages of an action. Start order: groups, within a group subsets by name (resources without one first), within a subset by
 * rid in natural order, filesystems by the depth of their mount point. An address with `netns = container#x` comes right after
 * that container, and whatever shares one of the container's namespaces after the address. Stop order is the mirror of start order, but that
 * containers which only hold a namespace go last: another node need not wait for them.
 * `docs/decisions/0003-rid-order.md` says why. `forced`: a stop takes the addresses away before anything else, so that nobody is served any more
 * by what is still on its way down.
 */
export function plan(
  service: Service,
  action: PlannedAction,
  selection: OrderSelection,
  forced = false,
): Result<readonly Stage[]> {
  const selected = select(service, selection)
  if (!selected.ok) return selected
  const stages = startOrder(service, withLinked(service, selected.value, action))
  const down = action === 'stop' || action === 'unprovision'
  const mirrored = down ? stages.toReversed().map((stage) => stage.toReversed()) : stages
  // A barrier is a place in the mirror: it is not moved.
  const handing = action === 'stop' && selection.downto === null ? exclusiveFirst(mirrored) : mirrored
  const ordered = action === 'stop' && forced ? networkFirst(handing) : handing
  return upTo(ordered, down ? selection.downto : selection.upto, service.name)
}

const exclusiveFirst = (stages: readonly Stage[]): readonly Stage[] => [
  ...stages.filter((stage) => stage.some(({ exclusive }) => exclusive)),
  ...stages.filter((stage) => stage.every(({ exclusive }) => !exclusive)),
]

/** Addresses alone at the front; the rest in its order. */
const networkFirst = (stages: readonly Stage[]): readonly Stage[] => [
  ...stages.flatMap((stage) => stage.filter(isAddress).map((address) => [address])),
  ...stages
    .map((stage) => stage.filter((resource) => !isAddress(resource)))
    .filter((stage) => stage.length > 0),
]

const isAddress = ({ group }: Resource): boolean => group === 'ip'

/**
 * What cannot be acted upon alone: a container's addresses live and end with its namespace, so they go with it; an address needs its
 * container to start.
 */
function withLinked(
  service: Service,
  selected: readonly Resource[],
  action: PlannedAction,
): readonly Resource[] {
  const rids = new Set(selected.map((resource) => resource.rid))
  const down = action === 'stop' || action === 'unprovision'
  for (const resource of selected) {
    const holder = namespaceHolder(resource)
    if (resource.group === 'ip' && holder !== null && !down) rids.add(holder)
    for (const address of service.resources) {
      if (address.group === 'ip' && namespaceHolder(address) === resource.rid) rids.add(address.rid)
    }
  }
  return service.resources.filter(
    (resource) => rids.has(resource.rid) && !resource.disable && !resource.tags.includes('noaction'),
  )
}

/** Is the resource in a namespace that a container of the stage keeps? It is not reached any more once that has stopped. */
export const livesIn = (resource: Resource, stage: Stage): boolean =>
  resource.group === 'ip' && stage.some(({ rid }) => rid === namespaceHolder(resource))

function startOrder(service: Service, resources: readonly Resource[]): readonly Stage[] {
  const byRid = new Map(resources.map((resource) => [resource.rid, resource]))
  const placed = new Set<string>()
  const stages: Stage[] = []
  for (const group of GROUPS) {
    for (const subset of subsets(
      resources.filter((resource) => resource.group === group && !follows(resource, byRid)),
    )) {
      const line = linked(subset, resources, byRid).filter((resource) => !placed.has(resource.rid))
      for (const resource of line) placed.add(resource.rid)
      const name = `${group}:${subset[0]?.subset ?? ''}`
      stages.push(
        ...(service.parallelSubsets.includes(name) ? levels(line) : line.map((resource) => [resource])),
      )
    }
  }
  return stages
}

const follows = (resource: Resource, byRid: ReadonlyMap<string, Resource>): boolean =>
  resource.group === 'ip' && byRid.has(namespaceHolder(resource) ?? '')

/** Resources of one group by subset, each in rid order, filesystems parent first. */
function subsets(resources: readonly Resource[]): readonly (readonly Resource[])[] {
  const names = [...new Set(resources.map((resource) => resource.subset ?? ''))].sort(compareNatural)
  return names.map((name) =>
    resources
      .filter((resource) => (resource.subset ?? '') === name)
      .sort(
        (a, b) => mountDepth(a) - mountDepth(b) || sequence(a) - sequence(b) || compareNatural(a.rid, b.rid),
      ),
  )
}

/** Directories above the mount point; 0 for what is not mounted. */
function mountDepth(resource: Resource): number {
  const point = resource.group === 'fs' ? (resource.keywords['mnt'] ?? resource.keywords['path']) : null
  return typeof point === 'string' ? point.split('/').filter((part) => part !== '').length : 0
}

/** An application whose `start` is a number is started in that place, behind those without one. */
function sequence(resource: Resource): number {
  const start = resource.group === 'app' ? resource.keywords['start'] : null
  return typeof start === 'string' && /^\d+$/.test(start) ? Number(start) : -1
}

/** The subset's resources, each one behind the container whose namespace it shares and before the addresses of its own. */
function linked(
  subset: readonly Resource[],
  all: readonly Resource[],
  byRid: ReadonlyMap<string, Resource>,
): readonly Resource[] {
  const line = new Set<Resource>()
  const begun = new Set<string>()
  const put = (resource: Resource): void => {
    if (begun.has(resource.rid)) return
    begun.add(resource.rid)
    for (const rid of resource.group === 'container' ? namespaceHolders(resource) : []) {
      const holder = byRid.get(rid)
      if (holder !== undefined) put(holder)
    }
    line.add(resource)
    const addresses = all.filter((other) => other.group === 'ip' && namespaceHolder(other) === resource.rid)
    for (const address of addresses.sort((a, b) => compareNatural(a.rid, b.rid))) line.add(address)
  }
  for (const resource of subset) put(resource)
  return [...line]
}

/** A parallel subset as stages: what needs another one of it is a stage later. */
function levels(line: readonly Resource[]): readonly Stage[] {
  const level = new Map<string, number>()
  const shallowest = Math.min(...line.map(mountDepth))
  for (const resource of line) {
    const holders = namespaceHolders(resource).flatMap((rid) => level.get(rid) ?? [])
    const behind = holders.length === 0 ? 0 : Math.max(...holders) + (resource.group === 'ip' ? 1 : 2)
    level.set(resource.rid, resource.group === 'fs' ? mountDepth(resource) - shallowest : behind)
  }
  const numbers = [...new Set(level.values())].sort((a, b) => a - b)
  return numbers.map((number) => line.filter((resource) => level.get(resource.rid) === number))
}

/** Stages until the last one that matches the barrier, that one included. */
function upTo(stages: readonly Stage[], barrier: string | null, service: string): Result<readonly Stage[]> {
  if (barrier === null) return ok(stages)
  const last = stages.findLastIndex((stage) => stage.some((resource) => matches(resource, barrier)))
  if (last === -1)
    return fail('UNKNOWN', `no resource of ${service} matches ${barrier}: see 'om ${service} print status'`)
  return ok(stages.slice(0, last + 1))
}
