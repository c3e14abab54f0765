import { expectedOf } from './expected.js'
import type { SoakOutcome } from './soak-run.js'
import type { Setting } from './soak.js'
import { Tally } from './tally.js'

/** So many hours of clusters must have met everything; a shorter run may miss what is rare. */
const wholeRunHours = 25

/** What a run of many seeds has shown. */
export class Report {
  private readonly tally = new Tally()
  private readonly failed: number[] = []
  private seeds = 0
  private simulatedMs = 0
  private seconds = 0
  private slowestMs = 0

  /** `settings`: the kinds of clusters that are tried. */
  constructor(private readonly settings: readonly Setting[]) {}

  /** `seconds`: of one core, that it took. */
  take(seed: number, { violations, counts, simulatedMs, settledMs }: SoakOutcome, seconds: number): void {
    this.seeds += 1
    this.seconds += seconds
    this.tally.take(counts)
    this.simulatedMs += simulatedMs
    this.slowestMs = Math.max(this.slowestMs, settledMs)
    if (violations.length > 0) this.failed.push(seed)
  }

  /** Prints it. Did all hold, and did all that was expected occur? */
  end(): boolean {
    const { failed, seeds, seconds } = this
    const hours = this.simulatedMs / 3_600_000
    console.log(wordsOf(this.tally.all))
    console.log(
      `${hours.toFixed(1)} cluster-hours in ${seconds.toFixed(1)} s of one core: ${(hours / seconds).toFixed(2)} simulated cluster-hours a second`,
    )
    console.log(`all well at the latest ${(this.slowestMs / 1000).toFixed(0)} s after all was healed`)
    const missing = this.tally.missing([...new Set(this.settings.flatMap(expectedOf))])
    if (missing.length > 0) console.log(`never happened: ${missing.join(', ')}`)
    console.log(
      failed.length === 0
        ? `nothing broken in ${seeds} seeds`
        : `broken in ${failed.length} of ${seeds} seeds`,
    )
    return failed.length === 0 && (missing.length === 0 || hours < wholeRunHours)
  }
}

/** The command that tells the story of one seed. */
export function replayOf(seed: number, setting: Setting): string {
  const { nodes, witnesses, quorum, fencing, selfFence, profile, minutes } = setting
  const fence = quorum && selfFence !== undefined ? ` SELF_FENCE=${selfFence}` : ''
  const times = profile === undefined ? '' : ` PROFILE=${profile}`
  const kind = `${quorum ? '' : ' QUORUM=off'}${fencing === true ? ' FENCING=1' : ''}${fence}${times}`
  return `replay it with: make sim SEED=${seed} TRACE=1 NODES=${nodes} WITNESS=${witnesses} MINUTES=${minutes}${kind}`
}

const wordsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')
