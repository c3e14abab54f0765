import { hears } from '../../../src/core/membership.js'
import { isMajority } from '../../../src/core/rules.js'
import type { ActIntent, Intent } from '../../../src/core/intent.js'
import { compareStamps, type RegisterEntry, type TargetValue } from '../../../src/core/register.js'
import { frozenBy, ownDocument, placeOn } from '../../../src/core/view.js'
import { evictedBy, hasSeen } from '../../../src/core/voting.js'
import type { World } from '../../../src/core/world.js'
import type { Cluster, Watcher } from '../cluster.js'
import type { Machine } from '../machine.js'

/** An operator's word has reached everybody that can be reached after this long. */
const spreadMs = 8000

/** A word that one has had for less, beside the time of a message, may be on its way behind an answer from before. */
const passedOnMs = 1000

/**
 * What is frozen, or is being stopped, is not started by the daemon's own doing, and an aborted target state begins nothing more.
 */
export class Obedient implements Watcher {
  readonly violations: string[] = []

  private frozenMs = Number.NEGATIVE_INFINITY
  /** What each machine knew at its last turn. */
  private readonly known = new Map<string, World['registers']>()
  /** When each machine first had the freeze, by `machine key`. */
  private readonly since = new Map<string, { readonly entry: RegisterEntry; readonly fromMs: number }>()

  constructor(private readonly cluster: Cluster) {}

  turned(machine: string): void {
    const registers = this.cluster.agentOn(machine)?.world.registers ?? {}
    if (registers === this.known.get(machine)) return
    this.known.set(machine, registers)
    for (const [key, entry] of Object.entries(registers)) {
      const at = `${machine} ${key}`
      if (entry.kind !== 'freeze' || this.since.get(at)?.entry === entry) continue
      this.since.set(at, { entry, fromMs: this.cluster.clock.nowMs() })
    }
  }

  intends(machine: string, intent: Intent, world: World): void {
    if (intent.do === 'freeze') this.frozenMs = this.cluster.clock.nowMs()
    if (intent.do !== 'act') return
    const entry = world.registers[`target/${intent.service}`]
    const target = entry?.kind === 'target' ? entry.value : null
    if (intent.target === null && intent.order === null) this.ofItsOwn(machine, intent, world, target)
    if (intent.target === null) return
    if (target?.id !== intent.target || target.end !== null) {
      const at = this.at(machine)
      this.violations.push(`${intent.action} of ${intent.service} ${at} for a target state that is over`)
    }
  }

  /** The daemon's own doing: nobody has asked for it. */
  private ofItsOwn(machine: string, intent: ActIntent, world: World, target: TargetValue | null): void {
    if (intent.action !== 'start' && intent.action !== 'restart' && intent.action !== 'provision') return
    const { service } = intent
    const what = `${intent.action} of ${service} ${this.at(machine)}`
    if (target?.target.kind === 'stopped' && target.end === null)
      this.violations.push(`${what}, though it is to be stopped`)
    const frozen = frozenBy(world, service, machine)
    if (frozen !== null) this.violations.push(`${what}, though ${frozen}`)
    if (this.frozenForOthers(machine, service, world))
      this.violations.push(`${what}, though all others know that it is frozen`)
    // What is restarted in place rests on a lease, not on the answers to its start.
    const by = intent.action === 'restart' ? null : this.frozenFor(machine, service, world)
    if (by !== null) this.violations.push(`${what} by the answer of ${by}, which knows that it is frozen`)
  }

  private at(machine: string): string {
    return `on ${machine} at ${this.cluster.clock.nowMs()} ms`
  }

  /** Who answered the claim, was not evicted for it, and has known for a while that the service is frozen; null where nobody has. */
  private frozenFor(machine: string, service: string, world: World): string | null {
    const place = placeOn(world, machine, service)
    if (!this.isKnown() || place === null || place.kind === 'none') return null
    const claim = { node: machine, incarnation: ownDocument(world).incarnation, service, since: place.since }
    const knowing = this.othersThan(machine).find(
      ({ name, daemon }) =>
        daemon !== null &&
        hasSeen(world, name, claim) &&
        !isMajority(world, (voter) => evictedBy(world, name, claim).includes(voter)) &&
        this.frozenAnew(name, world, service),
    )
    return knowing?.name ?? null
  }

  /** One that stood still until just now may have learnt in this moment what was said long ago. */
  private othersThan(machine: string): readonly Machine[] {
    const { machines, clock } = this.cluster
    return [...machines.values()].filter(
      ({ name, resumedMs }) => name !== machine && clock.nowMs() - resumedMs >= spreadMs,
    )
  }

  /** Nothing was said for so long that everybody who can be reached knows it. */
  private isKnown(): boolean {
    const { clock, options, askedMs, network, wasUnprotected } = this.cluster
    const fresh = clock.nowMs() - Math.max(askedMs, this.frozenMs) < spreadMs
    return options.quorum === true && !wasUnprotected && !fresh && network.delayMs <= 1000
  }

  /** A node that was away learns what operators have said meanwhile before it acts: with quorum there is always one that knows. */
  private frozenForOthers(machine: string, service: string, world: World): boolean {
    if (!this.isKnown()) return false
    const others = this.othersThan(machine).filter(
      ({ name, daemon }) => daemon !== null && hears(world, name),
    )
    return others.length > 0 && others.every(({ name }) => this.frozenAnew(name, world, service))
  }

  /** Is it frozen for this node, by a word that another one has had for a while and this one has not heard? One that a newer word has overtaken is none. */
  private frozenAnew(name: string, ours: World, service: string): boolean {
    const { clock, network } = this.cluster
    const theirs = this.cluster.agentOn(name)?.world
    if (theirs === undefined) return false
    const news = Object.entries(theirs.registers).filter(([key, { kind, stamp }]) => {
      const own = ours.registers[key]
      const hadMs = clock.nowMs() - (this.since.get(`${name} ${key}`)?.fromMs ?? 0)
      const isNew = own === undefined || compareStamps(own.stamp, stamp) < 0
      return kind === 'freeze' && isNew && hadMs >= passedOnMs + network.slowestMs
    })
    const registers = { ...ours.registers, ...Object.fromEntries(news) }
    return frozenBy({ ...ours, registers }, service, ours.self) !== null
  }
}
