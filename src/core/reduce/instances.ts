import type { InstanceDocument, MonitorState, Place, ResourceDocument } from '../document.js'
import type { ActionOutcome, InstanceProbe, ResourceProbe } from '../event.js'
import type { Resource, Service } from '../service.js'
import type { Status } from '../status.js'
import { isLapsed } from '../lease.js'
import { localOf, newestTarget, ownDocument, ownInstance, wordsOn } from '../view.js'
import type { LocalInstance, RestartCount, RunningAction, World } from '../world.js'
import { availability, overall } from './availability.js'
import { without, writeInstance, writeInstances, writeLocal } from './own.js'

/** A resource that stayed up for this long has its restart count back. */
const restartForgottenMs = 60_000

/** Takes what a look showed. Looks that overlap an action are not passed here: the action brings its own. */
export function probed(before: World, probes: readonly InstanceProbe[]): World {
  let world = before
  const changes: Record<string, InstanceDocument | null> = {}
  for (const probe of probes) {
    const service = world.services[probe.service]?.service
    if (
      service === undefined ||
      service.version !== probe.version ||
      world.actions[probe.service] !== undefined
    )
      continue
    world = writeLocal(world, probe.service, localAfter(world, service, probe))
    changes[probe.service] = instanceAfter(world, service, probe)
    if (probe.service in world.memories)
      world = { ...world, memories: without(world.memories, probe.service) }
  }
  return writeInstances(world, changes)
}

function localAfter(world: World, service: Service, probe: InstanceProbe): Partial<LocalInstance> {
  const local = localOf(world, service.name)
  const exclusive = service.resources.filter((r) => r.exclusive).map(({ rid }) => rid)
  // One that could not be seen was not seen released.
  const seenReleased = exclusive.filter((rid) => probe.resources[rid]?.released === true)
  const released = seenReleased.length === exclusive.length
  const up = availability(service, (rid) => probe.resources[rid]?.status) === 'up'
  return {
    probedVersion: service.version,
    released,
    seenReleased,
    former: released ? null : service,
    foundAtBoot: local.foundAtBoot && !released,
    restarts: restartsAfter(world, local, probe),
    userStopped: local.userStopped.filter((rid) => probe.resources[rid]?.status !== 'up'),
    provisioned: local.provisioned || up,
  }
}

/** A stop that goes on has nothing exclusive left to end. Where it is cut off now, what only holds a namespace is left for nothing. */
export function releaseSeen(world: World, service: string, id: string): World {
  if (world.actions[service]?.id !== id) return world
  return writeLocal(world, service, { released: true, preparedFor: id })
}

function restartsAfter(
  world: World,
  local: LocalInstance,
  probe: InstanceProbe,
): Readonly<Record<string, RestartCount>> {
  const next: Record<string, RestartCount> = {}
  for (const [rid, count] of Object.entries(local.restarts)) {
    const up = isUpStatus(probe.resources[rid]?.status ?? 'undef')
    const upSinceMs = up ? (count.upSinceMs ?? world.nowMs) : null
    if (upSinceMs === null || world.nowMs - upSinceMs < restartForgottenMs)
      next[rid] = { ...count, upSinceMs }
  }
  return next
}

const isUpStatus = (status: Status): boolean => status === 'up' || status === 'stdby up'

/** The instance as it is published: null where this node is no member and holds nothing. */
function instanceAfter(world: World, service: Service, probe: InstanceProbe): InstanceDocument | null {
  const known = ownInstance(world, service.name)
  const local = localOf(world, service.name)
  const place = placeAfter(world, known, local)
  if (!service.nodes.includes(world.self) && place.kind !== 'held') return null
  const memory = known ?? world.memories[service.name]
  const resources: Record<string, ResourceDocument> = {}
  for (const resource of service.resources) {
    const seen = probe.resources[resource.rid]
    if (seen !== undefined) resources[resource.rid] = resourceAfter(world, service, resource, seen)
  }
  const avail = availability(service, (rid) => resources[rid]?.status)
  return {
    configVersion: service.version,
    place,
    monitor: memory?.monitor ?? 'idle',
    failure: memory?.failure ?? null,
    avail,
    overall: overall(service, avail, resources),
    provisioned: local.provisioned,
    started: place.kind === 'held' && memory?.started === true,
    sawTarget: newestTarget(world, service.name)?.id ?? null,
    words: wordsOn(world, service.name),
    preparedFor: local.preparedFor,
    doneTarget: memory?.doneTarget ?? null,
    resources,
  }
}

/** What is not seen released is held, whoever activated it. Giving a place up is a decision of its own. */
function placeAfter(world: World, known: InstanceDocument | null, local: LocalInstance): Place {
  if (known !== null && known.place.kind === 'held') return known.place
  if (!local.released)
    return { kind: 'held', generation: local.generation, since: ownDocument(world).generation + 1 }
  return known?.place ?? { kind: 'none' }
}

function resourceAfter(
  world: World,
  service: Service,
  resource: Resource,
  seen: ResourceProbe,
): ResourceDocument {
  const local = localOf(world, service.name)
  const used = local.restarts[resource.rid]?.count ?? 0
  return {
    status: seen.status,
    label: seen.label,
    type: resource.type,
    messages: seen.messages,
    provisioned: resource.group === 'sync' ? null : (seen.provisioned ?? local.provisioned),
    flags: {
      running: false,
      monitor: resource.monitor,
      disable: resource.disable,
      optional: resource.optional,
      standby: resource.standby,
      restartsLeft: resource.restart === 0 ? null : Math.max(0, resource.restart - used),
      userStopped: local.userStopped.includes(resource.rid),
    },
  }
}

/** In the course of an action the document follows, resource by resource. */
export function resourceSeen(world: World, name: string, rid: string, seen: ResourceProbe): World {
  const service = world.services[name]?.service
  const instance = ownInstance(world, name)
  const resource = service?.resources.find((r) => r.rid === rid)
  if (service === undefined || instance === null || resource === undefined) return world
  const resources = { ...instance.resources, [rid]: resourceAfter(world, service, resource, seen) }
  const avail = availability(service, (rid) => resources[rid]?.status)
  return writeInstance(world, name, {
    ...instance,
    resources,
    avail,
    overall: overall(service, avail, resources),
  })
}

/** An action is over: what the look after it showed, and what the instance remembers of it. */
export function actionEnded(before: World, service: string, id: string, outcome: ActionOutcome): World {
  const running = before.actions[service]
  if (running === undefined || running.id !== id) return before
  let world: World = { ...before, actions: without(before.actions, service) }
  if (running.order !== null) world = { ...world, orders: without(world.orders, service) }
  world = writeLocal(world, service, memoryAfter(world, service, running, outcome))
  world = seenAt(world, outcome.probe)
  const instance = ownInstance(world, service)
  if (instance === null) return world
  const failed = isCutShort(world, running)
    ? null
    : (failureOf(running, outcome) ?? stillActive(world, running, outcome.probe))
  const next: InstanceDocument = {
    ...instance,
    monitor: failed === null ? 'idle' : failedState(running),
    failure: failed,
    started: startedAfter(instance, running, outcome),
    provisioned: localOf(world, service).provisioned,
    preparedFor: localOf(world, service).preparedFor,
    doneTarget:
      outcome.ok && running.target !== null && running.action !== 'prepare'
        ? running.target
        : instance.doneTarget,
  }
  return writeInstance(world, service, next)
}

/** Whether all is released, and since when it is up, only a look at every resource tells. */
function seenAt(world: World, probe: InstanceProbe): World {
  const service = world.services[probe.service]?.service
  if (service === undefined || service.version !== probe.version) return world
  if (service.resources.every(({ rid }) => rid in probe.resources)) return probed(world, [probe])
  return Object.entries(probe.resources).reduce(
    (next, [rid, seen]) => resourceSeen(next, probe.service, rid, seen),
    world,
  )
}

/**
 * What was under way when the lease ended was ended by force. That says nothing about the service: where a failed state stayed, an operator would have
 * to clear it before the service could start here again, and in the end everywhere. What is still held is stopped by force next.
 */
function isCutShort(world: World, { action, forced }: RunningAction): boolean {
  if (!isLapsed(world) || forced === true) return false
  return action !== 'provision' && action !== 'unprovision'
}

/** A failed in-place restart is no failed state: the next try, or the monitor action, follows. */
function failureOf(running: RunningAction, outcome: ActionOutcome): string | null {
  if (outcome.ok) return running.giveUp
  return running.restart ? null : (outcome.failure ?? 'failed without a word')
}

/** A stop is over when every exclusive resource was seen released, whatever was said of its steps. In words; null where it is. */
function stillActive(world: World, { whole, action }: RunningAction, probe: InstanceProbe): string | null {
  const service = world.services[probe.service]?.service
  if (!whole || (action !== 'stop' && action !== 'unprovision') || service?.version !== probe.version)
    return null
  const active = service.resources.filter((r) => r.exclusive && probe.resources[r.rid]?.released !== true)
  if (active.length === 0) return null
  return `${active.map((r) => r.rid).join(', ')} was not stopped with the rest: stop it, then run: om ${service.name} clear`
}

function memoryAfter(
  world: World,
  service: string,
  running: RunningAction,
  outcome: ActionOutcome,
): Partial<LocalInstance> {
  const local = localOf(world, service)
  if (!outcome.ok) return {}
  switch (running.action) {
    case 'provision':
      return running.whole ? { provisioned: true } : {}
    case 'unprovision':
      return running.whole ? { provisioned: false } : {}
    case 'stop': {
      const narrowed = running.rids.filter((rid) => !local.userStopped.includes(rid))
      return running.whole
        ? { userStopped: [], restarts: {}, preparedFor: null }
        : { userStopped: [...local.userStopped, ...narrowed] }
    }
    case 'start':
      return running.whole ? { userStopped: [], preparedFor: null } : {}
    case 'prepare':
      return { preparedFor: running.target ?? local.preparedFor }
    case 'restart':
      return {}
  }
}

function failedState(running: RunningAction): MonitorState {
  if (running.giveUp !== null) return 'start failed'
  switch (running.action) {
    case 'prepare':
    case 'start':
    case 'restart':
      return 'start failed'
    case 'stop':
      return 'stop failed'
    case 'provision':
      return 'provision failed'
    case 'unprovision':
      return 'unprovision failed'
  }
}

function startedAfter(instance: InstanceDocument, running: RunningAction, outcome: ActionOutcome): boolean {
  if (!running.whole) return instance.started
  switch (running.action) {
    case 'start':
    case 'restart':
    case 'provision':
      return outcome.ok && instance.place.kind === 'held'
    case 'stop':
    case 'unprovision':
      return false
    case 'prepare':
      return instance.started
  }
}
