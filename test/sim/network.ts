import { Chance } from './chance.js'
import type { VirtualClock } from './virtual-clock.js'

/** More messages of one kind than this are not lost in a row on one way, so that lost beats alone never look like death. */
const lostInARow = 2

/** What carries messages between machines: late, in order on each way, and not always. */
export class Network {
  /** Share of messages that are lost. */
  loss = 0
  /** Ways that carry nothing: `a>b`. */
  private readonly cuts = new Set<string>()
  private readonly arrivalMs = new Map<string, number>()
  private readonly lost = new Map<string, number>()

  constructor(
    private readonly clock: VirtualClock,
    private readonly chance: Chance,
    private readonly changed: () => void,
  ) {}

  cutWay(from: string, to: string): void {
    this.cuts.add(`${from}>${to}`)
    this.changed()
  }

  cut(a: string, b: string): void {
    this.cutWay(a, b)
    this.cutWay(b, a)
  }

  heal(): void {
    this.cuts.clear()
    this.loss = 0
    this.changed()
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
    if (!this.carries(from, to) || this.loses(`${way} ${kind}`)) return
    const soonestMs = this.clock.nowMs() + this.chance.between(1, 20)
    const atMs = Math.max(soonestMs, this.arrivalMs.get(way) ?? 0)
    this.arrivalMs.set(way, atMs)
    this.clock.at(atMs, () => {
      if (this.carries(from, to)) arrive()
    })
  }

  private loses(what: string): boolean {
    const inARow = this.lost.get(what) ?? 0
    const loses = this.loss > 0 && inARow < lostInARow && this.chance.happens(this.loss)
    this.lost.set(what, loses ? inARow + 1 : 0)
    return loses
  }
}
