import type { Intent } from '../../src/core/intent.js'
import type { Point } from './buggify.js'
import type { Step } from './schedule.js'
import type { Protector, Watcher } from './watcher.js'

/** What a start went by, as its reason says it. */
const evidence = {
  'permitted by silence': /quorum is off: unprotected/,
  'evicted by a majority': / is evicted by /,
  'left with nothing held': /left the cluster with nothing held/,
  'powered off': / was powered off: /,
  'declared off': /an operator confirmed that/,
} as const

/** The answer where it was done. */
const granted: Readonly<Partial<Record<Step['do'], RegExp>>> = {
  join: /^joined$/,
  leave: /^leaves$/,
  configure: /^configured$/,
  reconfigure: /^reconfigured$/,
  quorum: /^reconfigured$/,
  'confirm off': /is confirmed|declared/,
  'roll back': /^$/,
}

/** How often each fault was done and each kind of evidence used: what never happens tests nothing. */
export class Tally implements Watcher {
  private readonly counts = new Map<string, number>()

  /** `answer`: what the operator was told, where one asked. */
  step({ do: verb, ...rest }: Step, answer: string): void {
    // What is refused has no effect, and is counted apart.
    if (verb in granted && granted[verb]?.test(answer) !== true) return this.add(`${verb} refused`)
    const kind = 'ailment' in rest ? ` ${rest.ailment ?? 'well'}` : ''
    this.add(`${verb}${kind}`)
  }

  intends(_: string, intent: Intent): void {
    if (intent.do === 'claim' || intent.do === 'evict' || intent.do === 'fence' || intent.do === 'end lapse')
      this.add(intent.do)
    if (intent.do !== 'act') return
    if (intent.forced === true) this.add('stop by force')
    if (intent.generation === null) return
    const used = Object.entries(evidence).filter(([, words]) => words.test(intent.why))
    if (used.length === 0) this.add('start by answers alone')
    for (const [name] of used) this.add(`start: ${name}`)
  }

  protected(_: string, what: Protector): void {
    this.add(what)
  }

  misbehaved(point: Point): void {
    this.add(`buggify: ${point}`)
  }

  add(what: string, count = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + count)
  }

  take(other: Readonly<Record<string, number>>): void {
    for (const [what, count] of Object.entries(other)) this.add(what, count)
  }

  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** Those of the expected that never happened. */
  missing(expected: readonly string[]): readonly string[] {
    return expected.filter((what) => !this.counts.has(what))
  }
}
