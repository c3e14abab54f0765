import { fail, ok, type Result } from '../../core/result.js'
import type { LogEntry } from '../../daemon/ports.js'
import type { Call } from '../command.js'
import { durationOption } from '../options.js'

/** Which lines are wanted; null is any. */
export interface Wanted {
  readonly services: readonly string[] | null
  readonly node: string | null
  readonly rid: string | null
  readonly level: LogEntry['level']
  readonly sinceWallMs: number | null
  readonly limit: number
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
const DEFAULT_LINES = 1000
const MAX_LINES = 100_000

/** From the options of a `logs` command. */
export function wantedOf(
  call: Call,
  services: readonly string[] | null,
  node: string | null,
): Result<Wanted> {
  const since = durationOption(call.options, 'since')
  if (!since.ok) return since
  const level = call.options.text('level') ?? 'info'
  const known = LEVELS.find((each) => each === level.toLowerCase())
  if (known === undefined)
    return fail('INVALID', `--level ${level}: ${LEVELS.join(', ')} are the levels there are`)
  const lines = call.options.text('lines')
  const limit = lines === null ? DEFAULT_LINES : Number(lines)
  if (!Number.isInteger(limit) || limit < 0)
    return fail('INVALID', `--lines ${lines ?? ''} is no number of lines: write --lines 100`)
  return ok({
    services,
    node,
    rid: call.options.text('rid'),
    level: known,
    sinceWallMs: since.value === null ? null : Date.now() - since.value,
    limit: lines === null && since.value !== null ? MAX_LINES : Math.min(limit, MAX_LINES),
  })
}

/** Was this line asked for? Options that were not given choose every line. */
export function isWanted(entry: LogEntry, wanted: Wanted): boolean {
  return (
    (wanted.services === null || (entry.service !== null && wanted.services.includes(entry.service))) &&
    (wanted.node === null || entry.node === wanted.node) &&
    (wanted.rid === null || entry.rid === wanted.rid) &&
    LEVELS.indexOf(entry.level) >= LEVELS.indexOf(wanted.level)
  )
}
