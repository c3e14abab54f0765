import type { LogEntry } from '../../daemon/ports.js'
import { clean, pad, type Paint, type Style } from './paint.js'

export interface LogLayout {
  readonly paint: Paint
  /** Minutes to add to universal time for the reader's own, at that moment. */
  readonly offsetMinutes: (wallMs: number) => number
}

/** Where the previous lines left off: contexts are padded to the widest so far, and a new day is announced. */
export interface LogPosition {
  readonly contextWidth: number
  /** `2026-03-01`; lines of another day are preceded by that day. */
  readonly day: string
}

/** Where printing begins: today needs no line of its own. */
export function logStart(nowWallMs: number, layout: LogLayout): LogPosition {
  return { contextWidth: 0, day: local(nowWallMs, layout).slice(0, 10) }
}

/** `HH:MM:SS,mmm node.service.rid  INFO    message`, in the order given. */
export function logLines(
  entries: readonly LogEntry[],
  from: LogPosition,
  layout: LogLayout,
): { readonly lines: readonly string[]; readonly position: LogPosition } {
  const contextWidth = Math.max(from.contextWidth, ...entries.map((entry) => context(entry).length))
  const lines: string[] = []
  let { day } = from
  for (const entry of entries) {
    const stamp = local(entry.wallMs, layout)
    if (stamp.slice(0, 10) !== day) {
      day = stamp.slice(0, 10)
      lines.push(layout.paint('title', `# ${day}`))
    }
    const time = `${stamp.slice(11, 19)},${stamp.slice(20, 23)}`
    const level = layout.paint(LEVEL_STYLES[entry.level], pad(entry.level.toUpperCase(), 5))
    for (const text of clean(entry.message).split('\n')) {
      lines.push(`${time} ${pad(context(entry), contextWidth)}  ${level}  ${text}`.trimEnd())
    }
  }
  return { lines, position: { contextWidth, day } }
}

/** `node2.db1.fs#1` */
export function context(entry: LogEntry): string {
  return [entry.node, entry.service, entry.rid].filter((part) => part !== null).join('.')
}

const LEVEL_STYLES = { debug: 'faint', info: 'info', warn: 'doubt', error: 'bad' } as const satisfies Record<
  LogEntry['level'],
  Style
>

function local(wallMs: number, layout: LogLayout): string {
  return new Date(wallMs + layout.offsetMinutes(wallMs) * 60_000).toISOString()
}
