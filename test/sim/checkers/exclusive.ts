import type { Intent } from '../../../src/core/intent.js'
import type { Cluster, Watcher } from '../cluster.js'

/** Beats on their way, lost ones among them, and an address check that was under way: so long after a heal a start may still rest on the silence before it. */
const afterHealMs = 2500
/** Between two beats, and what they may be late or lost by: in so short a time nobody need be heard. */
const unheardGapMs = 1200
/** A cut looks shorter to those who hear late: so much less than the timeout may have been enough. */
const lateBeatsMs = 1700
/** Where messages are lost: one beat more that a path did not take, and the next one from a timer that was late. */
const lostBeatsMs = 800

interface Spell {
  readonly fromMs: number
  /** Null while it lasts. */
  readonly toMs: number | null
  /** By so many ways, one after the other, the first word of one reached the other when it ended. */
  readonly ways: number
  /** The one before it: a start may still rest on that, too, where this one began a moment after it. */
  readonly before: Omit<Spell, 'before'> | null
}

/**
 * One service, one machine. Quorum is off, so a second instance may begin where neither daemon could hear the other for the timeout, by any route,
 * and the address could not be asked across; and nowhere else.
 */
export class Exclusive implements Watcher {
  readonly violations: string[] = []
  private readonly unheard = new Map<string, Spell>()
  private readonly cut = new Map<string, Spell>()
  /** By `service@machine`: from whom the machine was apart when its start was decided, which may be long before the first step. */
  private readonly apart = new Map<string, readonly string[]>()

  constructor(private readonly cluster: Cluster) {}

  intends(machine: string, intent: Intent): void {
    if (intent.do !== 'act' || intent.generation === null) return
    const others = [...this.cluster.machines.keys()].filter((other) => this.allowed(pairOf(machine, other)))
    this.apart.set(`${intent.service}@${machine}`, others)
  }

  activated(service: string, machine: string, goesOn: boolean): void {
    if (goesOn) return
    const apart = this.apart.get(`${service}@${machine}`) ?? []
    for (const other of this.cluster.up(service)) {
      if (other === machine || apart.includes(other) || this.allowed(pairOf(other, machine))) continue
      this.violations.push(
        `${service} began on ${machine} at ${this.cluster.clock.nowMs()} ms while it was up on ${other}, within hearing`,
      )
    }
  }

  changed(): void {
    const names = [...this.cluster.machines.keys()].sort()
    for (const [i, a] of names.entries()) {
      for (const b of names.slice(i + 1)) {
        this.note(this.unheard, `${a} ${b}`, this.waysBetween(a, b), unheardGapMs)
        // An address is asked without delay, however slow the network is for beats.
        this.note(this.cut, `${a} ${b}`, this.cluster.network.joined(a, b) ? 0 : null, 0)
      }
    }
  }

  /** `ways`: null in a spell. `gapMs`: one that ended so lately goes on. */
  private note(spells: Map<string, Spell>, pair: string, ways: number | null, gapMs: number): void {
    const now = ways === null
    const nowMs = this.cluster.clock.nowMs()
    const known = spells.get(pair)
    const lasts = known !== undefined && known.toMs === null
    const wentOn = known?.toMs != null && nowMs - known.toMs < gapMs
    if (now && wentOn) spells.set(pair, { ...known, toMs: null })
    else if (now && !lasts) spells.set(pair, { fromMs: nowMs, toMs: null, ways: 0, before: known ?? null })
    if (!now && lasts) spells.set(pair, { ...known, toMs: nowMs, ways })
  }

  private allowed(pair: string): boolean {
    const { options, network } = this.cluster
    const { timeoutMs = 5000 } = options
    const enoughMs = timeoutMs - lateBeatsMs - network.slowestMs - (network.isLossy ? lostBeatsMs : 0)
    return this.lately(this.unheard.get(pair)) >= enoughMs && this.lately(this.cut.get(pair)) >= 0
  }

  /** How long it has lasted, where it lasts or did until a moment ago; negative where not. */
  private lately(spell: Spell | undefined): number {
    if (spell === undefined) return -1
    const nowMs = this.cluster.clock.nowMs()
    // Where messages are slow, what is heard at the one end has to come by each way to the other.
    const { slowestMs } = this.cluster.network
    const lasted = ({ fromMs, toMs, ways }: Omit<Spell, 'before'>): number =>
      nowMs - (toMs ?? nowMs) <= afterHealMs + ways * slowestMs ? (toMs ?? nowMs) - fromMs : -1
    return Math.max(lasted(spell), spell.before === null ? -1 : lasted(spell.before))
  }

  /** From daemon to daemon, by others where need be: by how many ways; null where by none. */
  private waysBetween(a: string, b: string): number | null {
    const { machines, network } = this.cluster
    const alive = [...machines.values()].filter((m) => m.daemon !== null).map((m) => m.name)
    if (!alive.includes(a) || !alive.includes(b)) return null
    const reached = new Map([[a, 0]])
    for (const [from, ways] of reached)
      for (const to of alive) if (!reached.has(to) && network.joined(from, to)) reached.set(to, ways + 1)
    return reached.get(b) ?? null
  }
}

const pairOf = (a: string, b: string): string => [a, b].sort().join(' ')
