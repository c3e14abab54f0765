import { decide, houseWakes } from '../../core/decide/index.js'
import type { Event, Moment } from '../../core/event.js'
import type { Intent } from '../../core/intent.js'
import { must } from '../../core/invariant.js'
import { reduce } from '../../core/reduce/index.js'
import { nextStamp, type RegisterEntry, type RegisterWrite } from '../../core/register.js'
import { ok, type Failure, type Result } from '../../core/result.js'
import { newestStamp, newestTarget } from '../../core/view.js'
import type { World } from '../../core/world.js'
import type { Cancel, Clock, Rng, Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import { durableChanges } from './durable.js'
import { isOneMore, sameLease } from './one-more.js'

/** More than this many rounds of decisions in one turn can only be two rules that undo each other. */
const roundLimit = 1000
const mailboxLimit = 100_000
/** A store that cannot be written is tried again this often. */
const storeRetryMs = 1000

/** What a turn asks: the pure core. The simulator hands in broken ones, to see that they are caught. */
export interface Core {
  readonly reduce: typeof reduce
  readonly decide: typeof decide
  readonly houseWakes: typeof houseWakes
}

export interface AgentPorts {
  readonly clock: Clock
  readonly rng: Rng
  readonly store: Store
  /** Called when the store begins to refuse writes, with its sentence, and with null once it takes them again. */
  readonly onStoreTrouble?: (sentence: string | null) => void
}

/** What follows a turn: publishing to peers, the API's event stream, configurations, hooks. */
export interface Follower {
  /** Called after the world was saved, before effects begin. May put further events. */
  turned(before: World, after: World): void
  /** The lease ends later than it did, and nothing else has changed. */
  extended?(world: World): void
}

/** Carries out what a decision wants beyond the world itself. `id` names the action that it begins. */
export type CarryOut = (intent: Intent, id: string, world: World) => void

/**
 * The loop. One event at a time: reduce, decide until nothing more is wanted, save, publish, carry out. There is no `await` in a turn;
 * every answer comes back as an event. The loop owns the only timer. While the store cannot be written, events are still taken in, and
 * nothing is decided, told or done that would have to be remembered.
 */
export class Agent {
  private readonly mailbox: Event[] = []
  private readonly followers: Follower[] = []
  private carryOut: CarryOut = () => undefined
  private turning = false
  private ended = false
  private wake: Cancel | null = null
  private stored: World | null = null
  /** The world that followers were last told of. */
  private told: World
  private trouble: Failure | null = null
  /** The last decision: when it was taken, and the next date that it knows of a single service. Null where one is owed. */
  private decided: { readonly atMs: number; readonly servicesWakeAtMs: number | null } | null = null
  private latestNotes: Readonly<Record<string, string>> = {}

  constructor(
    private current: World,
    private readonly ports: AgentPorts,
    private readonly core: Core = { reduce, decide, houseWakes },
  ) {
    this.told = current
  }

  get world(): World {
    return this.current
  }

  /** As far as it is on disk: what others may be told. Behind `world` only while the store cannot be written. */
  get saved(): World {
    return this.told
  }

  /** One sentence a service: what is waited for, or why nothing is done. */
  get notes(): Readonly<Record<string, string>> {
    return this.latestNotes
  }

  follow(follower: Follower): void {
    this.followers.push(follower)
  }

  /** Intents are decided from now on, and carried out by `carryOut`. */
  begin(carryOut: CarryOut): void {
    this.carryOut = carryOut
    this.decided = null
    this.put({ kind: 'wake' })
  }

  put(event: Event): void {
    if (this.ended) return
    must(this.mailbox.length < mailboxLimit, 'events are handled faster than they come')
    this.mailbox.push(event)
    if (this.turning) return
    this.turning = true
    try {
      for (let next = this.mailbox.shift(); next !== undefined; next = this.mailbox.shift()) this.turn(next)
    } finally {
      this.turning = false
    }
  }

  /** Writes registers, stamped later than everything seen. Where they cannot be stored nothing is changed, and the failure says why. */
  write(writes: readonly RegisterWrite[]): Result<void> {
    const entries = stamped(this.current, writes, this.ports.clock.wallMs())
    const refused = this.refusal(
      this.core.reduce(this.current, this.moment(), { kind: 'registers', entries }),
    )
    if (refused !== null) return { ok: false, error: refused }
    this.put({ kind: 'registers', entries })
    return ok(undefined)
  }

  /** The end of the loop. What its own end does to running actions is no failure of theirs: the next daemon looks for itself. */
  stop(): void {
    this.ended = true
    this.wake?.()
    this.wake = null
  }

  private turn(event: Event): void {
    const moment = this.moment()
    const reduced = this.core.reduce(this.current, moment, event)
    if (isOneMore(event, this.current, reduced)) {
      if (this.told === this.current) this.told = reduced
      this.current = reduced
      if (event.kind === 'acknowledged') for (const follower of this.followers) follower.extended?.(reduced)
      return
    }
    if (event.kind === 'wake' && this.sleepsOn(reduced)) return
    const decided = this.decideOn(reduced, moment)
    if (this.save(decided.world)) return this.adopt(decided)
    // What happened has happened; what would follow from it waits until it can be remembered.
    this.current = reduced
    this.decided = null
    this.sleepUntil(moment.nowMs + storeRetryMs)
    if (this.save(reduced)) this.adopt({ world: reduced, wanted: [] })
  }

  /**
   * Since the last decision there were only beats, and the date of this wake was set before them: nothing is due yet, and looking at every
   * service would show it at the price of a look at every service.
   */
  private sleepsOn(reduced: World): boolean {
    if (this.decided === null || !sameLease(reduced, this.current)) return false
    // What a date alone has changed is saved and told like anything else.
    if (reduced.documents !== this.current.documents) return false
    const { atMs, servicesWakeAtMs } = this.decided
    const dates = [...this.core.houseWakes({ ...reduced, nowMs: atMs }), servicesWakeAtMs ?? Infinity]
    const nextMs = Math.min(...dates)
    if (nextMs <= reduced.nowMs) return false
    if (this.told === this.current) this.told = reduced
    this.current = reduced
    this.sleepUntil(Number.isFinite(nextMs) ? nextMs : null)
    return true
  }

  private decideOn(reduced: World, moment: Moment): Decided {
    let world = reduced
    const wanted: Wanted[] = []
    for (let round = 0; ; round += 1) {
      must(round < roundLimit, 'decisions come to an end')
      const decision = this.core.decide(world)
      this.latestNotes = decision.notes
      if (decision.intents.length === 0) {
        this.decided = { atMs: moment.nowMs, servicesWakeAtMs: decision.servicesWakeAtMs }
        this.sleepUntil(decision.wakeAtMs)
        return { world, wanted }
      }
      for (const intent of decision.intents) {
        const id = this.ports.rng.id()
        wanted.push({ intent, id })
        world = this.core.reduce(world, moment, { kind: 'decided', intent, id })
        const writes = writesOf(world, intent)
        if (writes.length > 0) {
          world = this.core.reduce(world, moment, {
            kind: 'registers',
            entries: stamped(world, writes, moment.wallMs),
          })
        }
      }
    }
  }

  private adopt({ world, wanted }: Decided): void {
    const before = this.told
    this.current = world
    this.told = world
    for (const follower of this.followers) follower.turned(before, world)
    for (const { intent, id } of wanted) this.carryOut(intent, id, world)
  }

  private moment(): Moment {
    const { clock, rng } = this.ports
    return { nowMs: clock.nowMs(), wallMs: clock.wallMs(), random: rng.random() }
  }

  private save(world: World): boolean {
    return this.refusal(world) === null
  }

  /** Synced to disk before anything is said or done that rests on it. Why that cannot be; null where it is done. */
  private refusal(world: World): Failure | null {
    try {
      const changes = durableChanges(this.stored, world)
      if (changes.length > 0) this.ports.store.putAll(changes)
      this.stored = world
      if (changes.length > 0) this.tellTrouble(null)
      return null
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error
      this.tellTrouble(error.failure)
      return error.failure
    }
  }

  private tellTrouble(failure: Failure | null): void {
    if (this.trouble?.message === failure?.message) return
    this.trouble = failure
    this.ports.onStoreTrouble?.(failure?.message ?? null)
  }

  private sleepUntil(atMs: number | null): void {
    this.wake?.()
    this.wake = atMs === null ? null : this.ports.clock.at(atMs, () => this.put({ kind: 'wake' }))
  }
}

interface Wanted {
  readonly intent: Intent
  readonly id: string
}

interface Decided {
  readonly world: World
  readonly wanted: readonly Wanted[]
}

function stamped(world: World, writes: readonly RegisterWrite[], wallMs: number): readonly RegisterEntry[] {
  let stamp = newestStamp(world)
  return writes.map((write) => {
    stamp = nextStamp(stamp, wallMs, world.self)
    return { ...write, stamp }
  })
}

/** Decisions that set registers. */
function writesOf(world: World, intent: Intent): readonly RegisterWrite[] {
  switch (intent.do) {
    case 'end target': {
      const value = newestTarget(world, intent.service)
      if (value === null || value.id !== intent.id) return []
      return [{ kind: 'target', name: intent.service, value: { ...value, end: intent.end } }]
    }
    case 'freeze':
      return [{ kind: 'freeze', name: intent.name, value: true }]
    case 'void off':
      return [{ kind: 'off', name: intent.node, value: { off: false, incarnation: 0, generation: 0 } }]
    case 'delete config':
      return [{ kind: 'config', name: intent.service, value: { text: null, author: 'purge' } }]
    case 'claim':
    case 'withdraw':
    case 'release':
    case 'act':
    case 'abort':
    case 'check addresses':
    case 'fence':
    case 'wait':
    case 'drop order':
    case 'hear':
    case 'forget former member':
    case 'evict':
    case 'end eviction':
    case 'end lapse':
    case 'end boot hold':
    case 'reboot':
      return []
  }
}
