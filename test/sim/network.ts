import { Chance } from './chance.js'
import type { VirtualClock } from './virtual-clock.js'

export type Lost = 'beats' | 'documents' | 'passed on' | 'registers'

const kinds: Readonly<Record<Lost, readonly string[]>> = {
  beats: ['beat'],
  documents: ['document', 'patch', 'passed on'],
  'passed on': ['passed on'],
  registers: ['registers', 'digest'],
}

const usualDelayMs = 20
/** Silence that began while messages were slow, or lost, may be what a start rests on for so long. */
const slowFeltMs = 15_000

/** What carries messages between machines: late, in order on each way unless told otherwise, and not always. */
export class Network {
  /** More messages of one kind than this are not lost in a row on one way: without quorum lost beats alone must never look like death. */
  lostInARow = 2
  /** Share of messages that do not wait for those that went before them. */
  reordered = 0
  /** Ways on which beats and answers arrive, and these are lost, by `a>b`. */
  private readonly losing = new Map<string, readonly Lost[]>()
  /** Ways that carry nothing: `a>b`. */
  private readonly cuts = new Set<string>()
  private readonly arrivalMs = new Map<string, number>()
  private lossShare = 0
  private lossyUntilMs = Number.NEGATIVE_INFINITY
  private delay = usualDelayMs
  private slow = { ms: usualDelayMs, untilMs: Number.NEGATIVE_INFINITY }
  private readonly lost = new Map<string, number>()

  constructor(
    private readonly clock: VirtualClock,
    private readonly chance: Chance,
    private readonly changed: () => void,
  ) {}

  /** The longest that a message takes, where nothing is in its way. */
  get delayMs(): number {
    return this.delay
  }

  set delayMs(ms: number) {
    if (ms < this.delay) this.slow = { ms: this.delay, untilMs: this.clock.nowMs() + slowFeltMs }
    this.delay = ms
  }

  /** The longest that one took a moment ago. */
  get slowestMs(): number {
    return this.clock.nowMs() < this.slow.untilMs ? Math.max(this.slow.ms, this.delay) : this.delay
  }

  /** Share of messages that are lost. */
  set loss(share: number) {
    if (share === 0 && this.lossShare > 0) this.lossyUntilMs = this.clock.nowMs() + slowFeltMs
    this.lossShare = share
  }

  /** Are messages lost, or were they a moment ago? */
  get isLossy(): boolean {
    return this.lossShare > 0 || this.clock.nowMs() < this.lossyUntilMs
  }

  cutWay(from: string, to: string): void {
    this.cuts.add(`${from}>${to}`)
    this.changed()
  }

  cut(a: string, b: string): void {
    this.cutWay(a, b)
    this.cutWay(b, a)
  }

  /** From now on, besides what is lost there already. */
  lose(from: string, to: string, what: Lost): void {
    const way = `${from}>${to}`
    this.losing.set(way, [...(this.losing.get(way) ?? []), what])
  }

  mend(a: string, b: string): void {
    this.cuts.delete(`${a}>${b}`)
    this.cuts.delete(`${b}>${a}`)
    this.changed()
  }

  heal(): void {
    this.cuts.clear()
    this.losing.clear()
    this.loss = 0
    this.delayMs = usualDelayMs
    this.reordered = 0
    this.changed()
  }

  /** Everything arrives, in time. */
  get isWhole(): boolean {
    return (
      this.cuts.size === 0 && this.losing.size === 0 && this.lossShare === 0 && this.delay <= usualDelayMs
    )
  }

  /** Both ways are open. */
  joined(a: string, b: string): boolean {
    return this.carries(a, b) && this.carries(b, a)
  }

  carries(from: string, to: string): boolean {
    return !this.cuts.has(`${from}>${to}`)
  }

  deliver(from: string, to: string, kind: string, arrive: () => void): void {
    const way = `${from}>${to}`
    const lost = this.losing.get(way)
    if (lost?.some((what) => kinds[what].includes(kind)) === true) return
    if (!this.carries(from, to) || this.loses(way, kind)) return
    const soonestMs = this.clock.nowMs() + this.chance.between(1, this.delayMs)
    const overtakes = this.reordered > 0 && this.chance.happens(this.reordered)
    const atMs = overtakes ? soonestMs : Math.max(soonestMs, this.arrivalMs.get(way) ?? 0)
    this.arrivalMs.set(way, Math.max(atMs, this.arrivalMs.get(way) ?? 0))
    this.clock.at(atMs, () => {
      if (this.carries(from, to)) arrive()
    })
  }

  private loses(way: string, kind: string): boolean {
    if (this.lossShare === 0 && this.lost.size === 0) return false
    const what = `${way} ${kind}`
    const inARow = this.lost.get(what) ?? 0
    const loses = this.lossShare > 0 && inARow < this.lostInARow && this.chance.happens(this.lossShare)
    if (loses) this.lost.set(what, inARow + 1)
    else this.lost.delete(what)
    return loses
  }
}
