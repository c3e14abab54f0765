import type { TargetEnd } from '../../core/register.js'
import { fail, ok, type Result } from '../../core/result.js'
import { formatDuration } from '../../core/units.js'
import type { ServiceStatus } from '../../daemon/api/contract.js'
import { clusterStatus } from '../cluster-status.js'
import type { Call } from '../command.js'
import type { EventStream } from '../events.js'
import { LiveLines } from '../live.js'
import { durationOption } from '../options.js'
import { fold, progressLine, progressLines, type Progress } from '../render/progress.js'

/** A target state that was set and has not ended. */
export interface Pending {
  readonly service: string
  readonly id: string
  readonly name: string
}

/** The ends that came, by target id; one that is missing was not waited for any longer, and `gaveUp` says why. */
export interface Settled {
  readonly ends: ReadonlyMap<string, TargetEnd>
  readonly gaveUp: string | null
  readonly interrupted: boolean
}

/** Without a word for this long the daemon is asked how things stand, in case the end was missed. */
const SILENCE_MS = 10_000
/** The daemon ends every target state at its own deadline; this is for a daemon that does not. */
const LONGEST_WAIT_MS = 24 * 3_600_000
/** What is granted beyond `--time`, at which the daemon itself ends the target state. */
const GRACE_MS = 10_000
const REOPEN_MS = 500

export const PROGRESS_KINDS = ['target', 'progress'] as const

/** Shall this command return only when its target states have ended? */
export function waits(call: Call): boolean {
  return call.options.choice('wait') ?? call.terminal.isTerminal
}

/** `--time` as the target's own limit. */
export function timeLimit(call: Call): Result<number | null> {
  return durationOption(call.options, 'time')
}

/** Follows the event stream until every target state has ended, showing what each resource does meanwhile. */
export async function settle(
  call: Call,
  opened: EventStream,
  pending: readonly Pending[],
  timeMs: number | null,
): Promise<Settled> {
  const limitMs = timeMs === null ? LONGEST_WAIT_MS : timeMs + GRACE_MS
  const wait = new Wait(call, opened, pending, performance.now() + limitMs)
  const forget = call.terminal.onInterrupt(() => wait.interrupt())
  try {
    const gaveUp = await wait.run()
    const late = `still not done after ${formatDuration(limitMs)}`
    return { ends: wait.ends, gaveUp: gaveUp.ok ? late : gaveUp.error.message, interrupted: wait.interrupted }
  } finally {
    forget()
    wait.close()
  }
}

class Wait {
  readonly ends = new Map<string, TargetEnd>()
  interrupted = false
  private progress: readonly Progress[] = []
  private readonly live: LiveLines | null

  constructor(
    private readonly call: Call,
    private stream: EventStream,
    private readonly pending: readonly Pending[],
    private readonly deadlineMs: number,
  ) {
    this.live = call.terminal.isTerminal && call.format === 'table' ? new LiveLines(call.terminal) : null
  }

  interrupt(): void {
    this.interrupted = true
    this.stream.close()
  }

  close(): void {
    this.stream.close()
  }

  /** Ends when all have ended, the time is over, or somebody interrupts; a failure is a daemon that does not come back. */
  async run(): Promise<Result<void>> {
    while (this.open().length > 0 && !this.interrupted) {
      const leftMs = this.deadlineMs - performance.now()
      if (leftMs <= 0) return ok(undefined)
      const event = await this.stream.next(Math.min(leftMs, SILENCE_MS))
      if (event === 'silence') await this.look()
      else if (event === 'ended') {
        const again = await this.reopen()
        if (!again.ok) return again
      } else if (event.kind === 'progress') this.show(event)
      else if (event.kind === 'target' && event.end !== null) this.end(event.id, event.end)
    }
    return ok(undefined)
  }

  private open(): readonly Pending[] {
    return this.pending.filter((each) => !this.ends.has(each.id))
  }

  private end(id: string, end: TargetEnd): void {
    if (this.open().some((each) => each.id === id)) this.ends.set(id, end)
  }

  private show(event: Progress): void {
    if (this.call.format !== 'table' || !this.pending.some((each) => each.service === event.service)) return
    this.progress = fold(this.progress, event)
    if (this.live !== null) this.live.update(progressLines(this.progress, this.call.paint))
    else {
      const line = progressLine(event)
      if (line !== null) this.call.terminal.out(`${line}\n`)
    }
  }

  /** The stream broke: follow anew, and see what was missed. The daemon may be restarting. */
  private async reopen(): Promise<Result<void>> {
    for (let attempt = 1; !this.interrupted && performance.now() < this.deadlineMs; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, REOPEN_MS))
      const stream = await this.call.client.follow(PROGRESS_KINDS)
      if (stream.ok) {
        this.stream = stream.value
        await this.look()
        return ok(undefined)
      }
      if (attempt * REOPEN_MS >= 60_000)
        return fail('UNAVAILABLE', `${stream.error.message}; the action may go on`)
    }
    return ok(undefined)
  }

  /** Of a daemon that does not tell the events tell no more: they are followed anew, as long as that is worth waiting for. */
  private async look(): Promise<void> {
    const status = await clusterStatus(this.call)
    if (!status.ok) return this.stream.close()
    for (const each of this.open()) {
      const end = endOf(
        each,
        status.value.services.find((service) => service.name === each.service),
      )
      if (end !== null) this.end(each.id, end)
    }
  }
}

/** How a target state ended, by what the status tells; null while it stands. */
export function endOf(pending: Pending, service: ServiceStatus | undefined): TargetEnd | null {
  if (service === undefined) {
    if (pending.name === 'purged' || pending.name === 'deleted')
      return { how: 'met', why: 'the service is gone' }
    return { how: 'failed', why: 'the service is gone' }
  }
  if (service.target?.id === pending.id) return null
  if (service.lastTarget?.id === pending.id) return service.lastTarget.end
  const other = service.target?.name ?? service.lastTarget?.name
  if (other === undefined)
    return { how: 'failed', why: `how it ended was missed: see 'om ${service.name} logs'` }
  return { how: 'aborted', why: `the target state ${other} took its place` }
}
