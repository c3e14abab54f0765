import type { LogEntry } from '../../daemon/ports.js'
import type { Call } from '../command.js'
import type { EventStream } from '../events.js'
import { formatted } from '../output.js'
import { logLines, logStart, type LogLayout, type LogPosition } from '../render/logs.js'
import { offsetMinutes } from '../time.js'
import { isWanted, type Wanted } from './logs-wanted.js'

/** Prints log lines in batches, each padded and dated as the ones before it were. */
export class LogPrinter {
  private readonly layout: LogLayout
  private position: LogPosition

  constructor(private readonly call: Call) {
    this.layout = { paint: call.paint, offsetMinutes }
    this.position = logStart(Date.now(), this.layout)
  }

  /** In the other formats: a list, or where more may follow a JSON a line. */
  async print(entries: readonly LogEntry[], more: boolean): Promise<void> {
    const { call } = this
    if (call.format === 'json' && more) {
      call.terminal.out(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
      return
    }
    const { lines, position } = logLines(entries, this.position, this.layout)
    this.position = position
    if (entries.length > 0 || call.format === 'json') {
      call.terminal.out(await formatted(call, entries, () => lines))
    }
  }
}

/** Lines of several nodes arrive a little out of order; they are held this long to be printed in the order of time. */
const HOLD_MS = 200
/** Without an event for this long the wait simply begins again. */
const PAUSE_MS = 60_000
const MAX_REOPENS = 120

/** Goes on with new lines until somebody interrupts, or the daemon stays away. */
export async function followLog(
  call: Call,
  opened: EventStream,
  wanted: Wanted,
  printer: LogPrinter,
  printed: readonly LogEntry[],
): Promise<number> {
  let stream = opened
  let interrupted = false
  // Lines that came while the past ones were asked for are in both.
  const already = new Set(printed.map((entry) => JSON.stringify(entry)))
  const forget = call.terminal.onInterrupt(() => {
    interrupted = true
    stream.close()
  })
  try {
    for (;;) {
      const batch = await nextBatch(stream)
      const fresh = batch.entries.filter(
        (entry) => isWanted(entry, wanted) && !already.delete(JSON.stringify(entry)),
      )
      if (fresh.length > 0) await printer.print(fresh, true)
      if (!batch.ended) continue
      if (interrupted) return 0
      const again = await reopen(call, () => interrupted)
      if (again === null) return interrupted ? 0 : 1
      stream = again
    }
  } finally {
    forget()
    stream.close()
  }
}

async function nextBatch(
  stream: EventStream,
): Promise<{ readonly entries: readonly LogEntry[]; readonly ended: boolean }> {
  const first = await stream.next(PAUSE_MS)
  if (first === 'silence') return { entries: [], ended: false }
  if (first === 'ended') return { entries: [], ended: true }
  await pause(HOLD_MS)
  const entries = [first, ...stream.drain()].flatMap((event) => (event.kind === 'log' ? [event.entry] : []))
  return { entries: entries.toSorted((a, b) => a.wallMs - b.wallMs), ended: false }
}

/** A daemon that restarts is awaited. */
async function reopen(call: Call, interrupted: () => boolean): Promise<EventStream | null> {
  call.terminal.err('omd went away; waiting for it\n')
  for (let attempt = 0; attempt < MAX_REOPENS && !interrupted(); attempt++) {
    await pause(500)
    const stream = await call.client.follow(['log'])
    if (stream.ok) return stream.value
  }
  return null
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
