import type { Chance } from './chance.js'

/**
 * Rare and legal misbehaviour of what the agent stands on, each named by the moment at which it comes, and how often it does there. Everything is
 * done by the simulator's ports: the product's code knows nothing of it.
 *
 * After FoundationDB's BUGGIFY: a part of the points is live in each run, so that runs differ in kind and not only in order.
 */
const points = {
  'the daemon dies before it writes': 0.002,
  'the daemon dies between write and word': 0.004,
  'a timer is late': 0.25,
  'a path takes nothing': 0.1,
  'a message comes twice': 0.1,
  'a start is slow to take its first step': 0.25,
  'what is released is slow to be told': 0.25,
  'a stop that holds nothing is slow to end': 0.25,
  'the answer of the addresses is late': 0.25,
  'the word of the fencing agent is late': 0.25,
} as const

export type Point = keyof typeof points

export const buggifyPoints = Object.keys(points) as readonly Point[]

/** Of all points so many are live in a run. */
const live = 0.4

export interface BuggifyPorts {
  readonly chance: Chance
  /** It misbehaves now. */
  readonly told: (point: Point) => void
}

export class Buggify {
  private live: ReadonlySet<Point>

  /** Null: nothing ever misbehaves. */
  constructor(private readonly o: BuggifyPorts | null) {
    this.live = new Set(o === null ? [] : buggifyPoints.filter(() => o.chance.happens(live)))
  }

  /** From now on nothing misbehaves. */
  end(): void {
    this.live = new Set()
  }

  happens(point: Point): boolean {
    if (this.o === null || !this.live.has(point) || !this.o.chance.happens(points[point])) return false
    this.o.told(point)
    return true
  }

  /** By how much something is late here: milliseconds, mostly none. */
  lateMs(point: Point, longestMs: number): number {
    return this.happens(point) && this.o !== null ? this.o.chance.between(1, longestMs) : 0
  }
}
