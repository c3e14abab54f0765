import type { InstanceDocument, MonitorState } from '../document.js'
import type { ActIntent, Intent } from '../intent.js'
import { localOf, ownDocument, ownInstance } from '../view.js'
import type { InstanceAction, RestartCount, World } from '../world.js'
import { formerForgotten } from './configuration.js'
import { generationsKnown, without, writeInstance, writeLocal, writeOwn } from './own.js'
import { evicted, evictionEnded, lapseEnded } from './voting.js'

/** A decision takes effect in the world, in the turn in which it was made. What goes through ports follows as events. */
export function decided(world: World, intent: Intent, id: string): World {
  switch (intent.do) {
    case 'claim':
      return claimed(world, intent)
    case 'withdraw':
      return withdrawn(world, intent.service, intent.againAtMs)
    case 'release':
      return changed(world, intent.service, (instance) => ({ ...instance, place: { kind: 'none' } }))
    case 'act':
      return begun(world, intent, id)
    case 'abort': {
      const running = world.actions[intent.service]
      if (running === undefined || running.id !== intent.id) return world
      return { ...world, actions: { ...world.actions, [intent.service]: { ...running, aborting: true } } }
    }
    case 'check addresses':
      return writeLocal(world, intent.service, {
        addressCheck: { claim: intent.claim, result: 'asked', detail: '', atMs: world.nowMs },
      })
    case 'fence':
      return fenceOrdered(world, intent)
    case 'wait':
      return changed(world, intent.service, (instance) => ({ ...instance, monitor: intent.state }))
    case 'drop order':
      return { ...world, orders: without(world.orders, intent.service) }
    case 'hear':
      return writeOwn(world, { hears: intent.hears })
    case 'forget former member':
      return formerForgotten(world, intent.service, intent.node)
    case 'evict':
      return evicted(world, intent.node, intent.claim)
    case 'end eviction':
      return evictionEnded(world, intent.node, intent.over)
    case 'end lapse':
      return lapseEnded(world)
    case 'end boot hold':
      return { ...world, boot: { phase: 'done' } }
    // These write registers or leave the node; they come back as events.
    case 'end target':
    case 'freeze':
    case 'void off':
    case 'delete config':
      return world
    case 'reboot':
      return { ...world, leaving: true }
  }
}

function fenceOrdered(world: World, { node, why }: Extract<Intent, { do: 'fence' }>): World {
  const incarnation = world.documents[node]?.incarnation ?? 0
  const ordered = { state: 'ordered', atMs: world.nowMs, incarnation, detail: why } as const
  return { ...world, fences: { ...world.fences, [node]: ordered } }
}

function changed(
  world: World,
  service: string,
  change: (instance: InstanceDocument) => InstanceDocument,
): World {
  const instance = ownInstance(world, service)
  return instance === null ? world : writeInstance(world, service, change(instance))
}

function claimed(world: World, intent: Extract<Intent, { do: 'claim' }>): World {
  const { service, generation, precedence } = intent
  // Written with the next generation of this document: an answer is a document that has seen that one.
  const since = ownDocument(world).generation + 1
  const next = writeLocal(world, service, { claimedAtMs: world.nowMs, addressCheck: null })
  return changed(next, service, (instance) => ({
    ...instance,
    place: { kind: 'claimed', generation, precedence, since },
  }))
}

function withdrawn(world: World, service: string, againAtMs: number): World {
  const next = writeLocal(world, service, { claimAfterMs: againAtMs, addressCheck: null })
  return changed(next, service, (instance) =>
    instance.place.kind === 'claimed' ? { ...instance, place: { kind: 'none' } } : instance,
  )
}

/** An action begins. Where it was granted by a claim, granting and holding are this one step. */
function begun(world: World, intent: ActIntent, id: string): World {
  const { service } = intent
  const whole = intent.selection === null || isWhole(intent.selection)
  const rids = intent.selection?.rids ?? []
  const { action, order, target, giveUp, restart } = intent
  const forced = intent.forced === true ? { forced: true as const } : {}
  const running = { id, action, order, target, rids, whole, giveUp, restart, aborting: false, ...forced }
  let next: World = { ...world, actions: { ...world.actions, [service]: running } }
  next = writeLocal(next, service, localAtBegin(next, intent))
  if (intent.generation !== null) next = generationsKnown(next, { [service]: intent.generation })
  return changed(next, service, (instance) => {
    const place =
      intent.generation === null
        ? instance.place
        : ({ kind: 'held', generation: intent.generation, since: sinceOf(next, instance) } as const)
    const stops = whole && (action === 'stop' || action === 'unprovision')
    const started = stops ? false : instance.started
    return { ...instance, place, started, monitor: monitorDuring(action), failure: null }
  })
}

/** The claim goes on as the holding: voters know it by that date. */
const sinceOf = (world: World, { place }: InstanceDocument): number =>
  place.kind === 'claimed' ? place.since : ownDocument(world).generation + 1

function localAtBegin(world: World, intent: ActIntent): Parameters<typeof writeLocal>[2] {
  const local = localOf(world, intent.service)
  const generation = intent.generation ?? local.generation
  // What was seen before this action began holds no longer.
  const prepares = intent.action === 'prepare'
  const released = prepares && local.released
  const seenReleased = prepares ? local.seenReleased : []
  const service = world.services[intent.service]?.service
  const former = prepares || service === undefined ? local.former : service
  const begun = { generation, released, seenReleased, former }
  if (intent.forced === true) return { ...begun, forcedAtMs: world.nowMs }
  if (!intent.restart) return begun
  const restarts: Record<string, RestartCount> = { ...local.restarts }
  const counted =
    world.services[intent.service]?.service.resources.filter((r) => r.restart > 0 || r.standby) ?? []
  for (const { rid } of counted.filter((r) => intent.selection?.rids.includes(r.rid))) {
    restarts[rid] = { count: (restarts[rid]?.count ?? 0) + 1, lastMs: world.nowMs, upSinceMs: null }
  }
  return { ...begun, restarts }
}

function isWhole(selection: NonNullable<ActIntent['selection']>): boolean {
  const { rids, tags, subsets, upto, downto } = selection
  return rids.length + tags.length + subsets.length === 0 && upto === null && downto === null
}

function monitorDuring(action: InstanceAction): MonitorState {
  switch (action) {
    case 'prepare':
      return 'preparing'
    case 'start':
      return 'starting'
    case 'stop':
      return 'stopping'
    case 'restart':
      return 'restarting'
    case 'provision':
      return 'provisioning'
    case 'unprovision':
      return 'unprovisioning'
  }
}
