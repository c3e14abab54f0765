import type { InstanceDocument } from '../document.js'
import { namespaceHolders } from '../namespaces.js'
import type { Resource, Service } from '../service.js'
import { isAtRest, isFrozen, localOf, ownInstance } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'

/** In-place restart of what went down by itself, and upkeep of standby resources. */
export function restarts(world: World, view: ServiceView): Verdict {
  const { service } = view
  const instance = ownInstance(world, service.name)
  if (instance === null || !isAtRest(instance.monitor) || isFrozen(world, service.name, world.self))
    return nothing
  const running = instance.place.kind === 'held' && instance.started
  const broken = service.resources.filter(
    (r) => wants(world, service.name, instance, r) && (running || (r.standby && instance.provisioned)),
  )
  const dueAtMs = broken.map((r) => dueMs(world, service.name, r))
  const due = broken.filter((_, i) => (dueAtMs[i] ?? 0) <= world.nowMs)
  if (due.length === 0) {
    const next = Math.min(...dueAtMs)
    return broken.length === 0 ? nothing : note(`restart of ${names(broken)} waits for restart_delay`, next)
  }
  const tries = due.map(
    (r) => `${(localOf(world, service.name).restarts[r.rid]?.count ?? 0) + 1}/${limit(r)}`,
  )
  const why = `restart resource ${names(due)}: not up, try ${tries.join(', ')}`
  const rids = [...due.map((r) => r.rid), ...living(service, due)]
  const selection = { rids, tags: [], subsets: [], upto: null, downto: null, force: false }
  return intend(act(service.name, running ? 'restart' : 'prepare', why, { selection, restart: true }))
}

/** What lives in a namespace of a restarted container goes down and comes up with it. */
function living(service: Service, restarted: readonly Resource[]): readonly string[] {
  const rids = new Set(restarted.map((r) => r.rid))
  return service.resources
    .filter((r) => !rids.has(r.rid) && !r.disable && namespaceHolders(r).some((rid) => rids.has(rid)))
    .map((r) => r.rid)
}

/** Down though it should be up, and with restarts left. */
function wants(world: World, service: string, instance: InstanceDocument, resource: Resource): boolean {
  if (!isDown(instance, resource)) return false
  const local = localOf(world, service)
  if (local.userStopped.includes(resource.rid)) return false
  return (local.restarts[resource.rid]?.count ?? 0) < limit(resource)
}

/** Was it seen down? What is not known is not down. */
export function isDown(instance: InstanceDocument, resource: Resource): boolean {
  if (resource.disable) return false
  const status = instance.resources[resource.rid]?.status
  return status === 'down' || status === 'stdby down'
}

/** A standby resource gets at least two tries (OpenSVC agent documentation, keyword `standby`). */
const limit = (resource: Resource): number =>
  resource.standby ? Math.max(2, resource.restart) : resource.restart

/** The first try is at once; each further one waits for the delay. */
function dueMs(world: World, service: string, resource: Resource): number {
  const last = localOf(world, service).restarts[resource.rid]
  return last === undefined ? world.nowMs : last.lastMs + resource.restartDelayMs
}

const names = (resources: readonly Resource[]): string => resources.map((r) => r.rid).join(', ')
