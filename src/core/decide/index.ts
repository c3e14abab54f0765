import type { Decision, Intent } from '../intent.js'
import { hasLease, isLapsed } from '../lease.js'
import { complete, declaredOff, quieterAtMs, vouchedFor } from '../membership.js'
import { isMember, localOf, ownDocument, ownInstance, targetOf } from '../view.js'
import type { RunningAction, ServiceView, World } from '../world.js'
import { withdraw } from './claim.js'
import { duplicate } from './duplicate.js'
import { isOverheard } from './evidence.js'
import { failover } from './failover.js'
import { lapseOver, lapseSteps, leaseWakes, withoutLease } from './lapse.js'
import { monitorAction } from './monitor-action.js'
import { orderSteps } from './order.js'
import { restarts } from './restart.js'
import { destinationOf, roomOn } from './room.js'
import { leftover } from './stopping.js'
import { endTarget, targetSteps } from './target/index.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'
import { votingIntents, votingWakes } from './voting.js'

/**
 * What this node wants done, given all that it believes. Total: any world, however odd, yields a decision. Whoever calls it lets the
 * intents take effect in the world and asks again, until there are none.
 */
export function decide(world: World): Decision {
  const intents: Intent[] = [...houseIntents(world)]
  const wakesMs: number[] = []
  const notes: Record<string, string> = {}
  let slots =
    world.cluster.maxParallel - Object.keys(world.actions).filter((name) => isWork(world, name)).length
  const room = new Map<string, number>()
  for (const view of inTurn(world)) {
    const verdict = decideService(world, view)
    wakesMs.push(...verdict.wakesMs)
    if (verdict.note !== null) notes[view.service.name] = verdict.note
    for (const intent of verdict.intents) {
      const takesSlot = intent.do === 'act' && intent.action !== 'prepare'
      // What the end of a lease asks for has a date by which it must be over: it waits for nobody.
      const waits = takesSlot && intent.forced !== true
      const full = waits ? noRoom(world, intent, slots, room) : null
      if (full === null) intents.push(intent)
      else intents.push(...waitPriors(world, view, full))
      if (takesSlot && full === null) slots -= 1
    }
  }
  const wakeAtMs = earliest([...wakesMs, ...houseWakes(world)])
  return { intents, wakeAtMs, servicesWakeAtMs: earliest(wakesMs), notes }
}

const earliest = (datesMs: readonly number[]): number | null =>
  datesMs.length === 0 ? null : Math.min(...datesMs)

/** Does the action on a service take one of the places that `max_parallel` counts? Not what only waits for another node. */
function isWork(world: World, service: string): boolean {
  const running = world.actions[service]
  if (running === undefined || running.action === 'prepare') return false
  return running.action !== 'stop' || !running.whole || ownInstance(world, service)?.place.kind === 'held'
}

/** Services by priority, then name. */
function inTurn(world: World): readonly ServiceView[] {
  return Object.values(world.services).toSorted(
    (a, b) => a.service.priority - b.service.priority || (a.service.name < b.service.name ? -1 : 1),
  )
}

/** Why an action has to wait for others, here or where a stop makes way for a start; null where it does not. `room`: what is left on nodes that were asked about. */
function noRoom(world: World, intent: Intent, slots: number, room: Map<string, number>): string | null {
  const { maxParallel } = world.cluster
  if (slots <= 0) return `max_parallel=${maxParallel} actions are running`
  const node = destinationOf(world, intent)
  if (node === null) return null
  const left = room.get(node) ?? roomOn(world, node)
  room.set(node, left - 1)
  return left > 0
    ? null
    : `max_parallel=${maxParallel} actions are running on ${node}, or wait there for their turn`
}

function waitPriors(world: World, view: ServiceView, why: string): readonly Intent[] {
  const { name } = view.service
  if (ownInstance(world, name)?.monitor !== 'idle') return []
  return [{ do: 'wait', service: name, state: 'wait priors', why }]
}

/** What is not about a single service. */
function houseIntents(world: World): readonly Intent[] {
  const intents: Intent[] = []
  const heard = vouchedFor(world)
  if (heard.join() !== ownDocument(world).hears.join())
    intents.push({ do: 'hear', hears: heard, why: 'heartbeats changed' })
  for (const entry of Object.values(world.registers)) {
    if (entry.kind !== 'off' || !isOverheard(world, entry)) continue
    intents.push({ do: 'void off', node: entry.name, why: `${entry.name} is heard again` })
  }
  if (world.boot.phase === 'holding' && (complete(world) || world.nowMs >= world.boot.untilMs)) {
    const why = complete(world) ? 'every peer is heard' : 'the rejoin grace period is over'
    intents.push({ do: 'end boot hold', why })
  }
  intents.push(...votingIntents(world), ...lapseOver(world))
  for (const view of Object.values(world.services)) intents.push(...forgotten(world, view))
  return intents
}

/** A former member is forgotten once its own word says that it has dropped the service; one that left the cluster, with its leave. */
function forgotten(world: World, view: ServiceView): readonly Intent[] {
  return view.formerMembers
    .filter((node) => {
      const document = world.documents[node]
      const dropped =
        document !== undefined &&
        document.state !== 'booting' &&
        document.instances[view.service.name] === undefined
      return dropped || (!world.cluster.nodes.some(({ name }) => name === node) && declaredOff(world, node))
    })
    .map((node) => ({
      do: 'forget former member',
      service: view.service.name,
      node,
      why: `${node} has released it`,
    }))
}

/** Monotonic milliseconds at which there is something to decide that is about no single service, if no event comes before. */
export function houseWakes(world: World): readonly number[] {
  const silences = Object.keys(world.links).flatMap((peer) => quieterAtMs(world, peer))
  const { saysAtMs } = world.rules
  const words = saysAtMs === null ? [] : [saysAtMs]
  const dates = [...silences, ...votingWakes(world), ...leaseWakes(world), ...words]
  return world.boot.phase === 'holding' ? [...dates, world.boot.untilMs] : dates
}

function decideService(world: World, view: ServiceView): Verdict {
  const { name } = view.service
  if (world.boot.phase === 'probing') return note('the daemon takes its first look')
  if (isLapsed(world)) return lapseSteps(world, view)
  const target = targetOf(world, name)
  const end = target === null ? nothing : endTarget(world, view, target)
  if (end.intents.length > 0) return end
  const own = ownSteps(world, view)
  return { intents: own.intents, note: own.note ?? end.note, wakesMs: [...own.wakesMs, ...end.wakesMs] }
}

/** The first rule that has something to say about this node's own instance. */
function ownSteps(world: World, view: ServiceView): Verdict {
  const { name } = view.service
  const instance = ownInstance(world, name)
  if (instance === null) return nothing
  const running = world.actions[name]
  if (running !== undefined) return handedOver(world, running, name) ?? abortOverdue(world, name)
  if (world.leaving) return note('this node is leaving')
  if (localOf(world, name).foundAtBoot) {
    if (instance.monitor === 'stop failed')
      return note(`found active after a boot, and stop failed: ${instance.failure ?? ''}`)
    return intend(act(name, 'stop', 'found active after a boot of the machine: stopped before anything else'))
  }
  if (instance.place.kind === 'held' && !instance.started && localOf(world, name).released) {
    return intend({ do: 'release', service: name, why: 'every exclusive resource was seen released' })
  }
  if (!isMember(world, view.service)) {
    if (instance.place.kind !== 'held' || instance.monitor === 'stop failed') return nothing
    return intend(act(name, 'stop', `${world.self} is no longer a member`))
  }
  const verdict = guidedSteps(world, view)
  return hasLease(world) ? verdict : withoutLease(world, verdict)
}

/** Operators first, then duplicates, then upkeep, then failover. What was begun for a rule that no longer speaks is taken back. */
function guidedSteps(world: World, view: ServiceView): Verdict {
  const verdict = ruling(world, view)
  return {
    ...verdict,
    intents: [...verdict.intents, ...staleClaim(world, view, verdict), ...waitOver(world, view, verdict)],
  }
}

function ruling(world: World, view: ServiceView): Verdict {
  const { name } = view.service
  const order = world.orders[name]
  if (order !== undefined) {
    const mayStart = order.action === 'stop' ? null : held(world)
    return mayStart ?? orderSteps(world, view, order)
  }
  const target = targetOf(world, name)
  if (target !== null) {
    const mayStart =
      target.target.kind === 'stopped' || target.target.kind === 'unprovisioned' ? null : held(world)
    return mayStart ?? targetSteps(world, view, target)
  }
  for (const rule of [duplicate, leftover, restarts, monitorAction]) {
    const verdict = rule(world, view)
    if (verdict.intents.length > 0 || verdict.note !== null) return verdict
  }
  return held(world) ?? failover(world, view)
}

/** Starts nothing while the daemon has just come up and has not heard the others. */
function held(world: World): Verdict | null {
  if (world.boot.phase !== 'holding') return null
  return note('waiting to hear the other nodes before anything is started', world.boot.untilMs)
}

/** A claim that nothing asks for any more goes; one that is asked for has the date of its expiry. */
function staleClaim(world: World, view: ServiceView, verdict: Verdict): readonly Intent[] {
  if (ownInstance(world, view.service.name)?.place.kind !== 'claimed') return []
  if (verdict.intents.length > 0 || verdict.wakesMs.length > 0) return []
  return [withdraw(world, view.service.name, 'nothing asks for it any more')]
}

/** The monitor state says that something is waited for, and it is not any more. */
function waitOver(world: World, view: ServiceView, verdict: Verdict): readonly Intent[] {
  const monitor = ownInstance(world, view.service.name)?.monitor
  if (monitor !== 'wait parents' && monitor !== 'wait children' && monitor !== 'wait priors') return []
  if (verdict.waiting !== undefined || verdict.intents.some((intent) => intent.do === 'act')) return []
  return [{ do: 'wait', service: view.service.name, state: 'idle', why: `${monitor} is over` }]
}

/** A stop that has nothing exclusive left to end keeps nobody waiting. */
function handedOver(world: World, { action, whole }: RunningAction, service: string): Verdict | null {
  const held = ownInstance(world, service)?.place.kind === 'held'
  if (action !== 'stop' || !whole || !held || !localOf(world, service).released) return null
  return intend({ do: 'release', service, why: 'every exclusive resource was seen released' })
}

/** A start that serves a target state which has ended is aborted; stops run to their end. */
function abortOverdue(world: World, service: string): Verdict {
  const running = world.actions[service]
  if (running === undefined || running.target === null || running.aborting) return nothing
  if (running.action === 'stop' || running.action === 'unprovision') return nothing
  const entry = world.registers[`target/${service}`]
  const value = entry !== undefined && entry.kind === 'target' ? entry.value : null
  if (value !== null && value.id === running.target && value.end?.how !== 'aborted') return nothing
  return intend({ do: 'abort', service, id: running.id, why: 'the target state was aborted' })
}
