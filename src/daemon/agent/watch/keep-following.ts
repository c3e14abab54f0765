import type { Cancel, Clock, Exec } from '../../ports.js'

/** A child whose every line means a change, or every one that is of concern. */
export interface Stream {
  readonly exec: Exec
  readonly clock: Clock
  readonly argv: readonly string[]
  readonly concerns?: (line: string) => boolean
  onChange(): void
}

/** From one attempt to the next, doubled each time. */
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** A stream that lives this long works. */
const WORKS_MS = 2_000

/**
 * Follows the stream until it is cancelled, and starts it again when it ends. What happened while it was away is unknown: the end of a
 * stream that worked counts as a change, and so does the moment when one works again.
 */
export function keepFollowing(stream: Stream): Cancel {
  return new Following(stream).cancel
}

class Following {
  private waitMs = FIRST_WAIT_MS
  private works = false
  private again = false
  private ended = false
  private cancelTimer: Cancel = () => undefined
  private cancelChild: Cancel = () => undefined

  constructor(private readonly stream: Stream) {
    this.follow()
  }

  readonly cancel = (): void => {
    this.ended = true
    this.cancelTimer()
    this.cancelChild()
  }

  private follow(): void {
    const { exec, clock, argv, concerns = () => true, onChange } = this.stream
    this.works = false
    this.cancelTimer = clock.at(clock.nowMs() + WORKS_MS, () => this.proven())
    this.cancelChild = exec.follow(
      // It ends with the daemon, also where that is killed.
      ['setpriv', '--pdeathsig', 'KILL', '--', ...argv],
      (line) => {
        if (!this.ended && concerns(line)) onChange()
      },
      () => this.onEnd(),
    )
  }

  private proven(): void {
    this.works = true
    this.waitMs = FIRST_WAIT_MS
    if (this.again) this.stream.onChange()
    this.again = true
  }

  private onEnd(): void {
    if (this.ended) return
    this.cancelTimer()
    this.again = true
    if (this.works) this.stream.onChange()
    const { clock } = this.stream
    this.cancelTimer = clock.at(clock.nowMs() + this.waitMs, () => this.follow())
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS)
  }
}
