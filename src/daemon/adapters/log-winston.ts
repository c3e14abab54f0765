import type { Writable } from 'node:stream'
import winston from 'winston'
import type { Log, LogEntry } from '../ports.js'

/** More than this not yet taken by the reader of standard output, and lines are dropped instead of kept in memory. */
const PENDING_BYTES = 1024 * 1024

export interface LogOptions {
  /** `json`: one object a line, for machines; `plain`: for people and the journal. */
  readonly format: 'json' | 'plain'
  readonly level: LogEntry['level']
  readonly stream?: Writable
}

/** Log lines to standard output. */
export function winstonLog({ format, level, stream = process.stdout }: LogOptions): Log {
  // A reader that went away is no reason to end.
  stream.on('error', () => undefined)
  const logger = winston.createLogger({
    level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format:
      format === 'json' ? winston.format.json() : winston.format.printf(({ message }) => String(message)),
    transports: [new winston.transports.Stream({ stream })],
  })
  let dropped = 0

  function print(entry: LogEntry): void {
    if (format === 'plain') logger.log(entry.level, plainLine(entry))
    else logger.log({ ...jsonLine(entry), level: entry.level, message: entry.message })
  }

  function write(entry: LogEntry): void {
    if (stream.writableLength > PENDING_BYTES) {
      dropped++
      return
    }
    const lost = dropped
    dropped = 0
    if (lost > 0)
      print({ ...entry, level: 'warn', message: `${lost} log lines dropped: standard output is not read` })
    print(entry)
  }

  return { write }
}

function jsonLine({ wallMs, node, service, rid, action }: LogEntry): Record<string, string> {
  return {
    time: new Date(wallMs).toISOString(),
    node,
    ...(service === null ? {} : { service }),
    ...(rid === null ? {} : { rid }),
    ...(action === null ? {} : { action }),
  }
}

/** `15:04:05,678 node1.db1.fs#1 INFO    message` */
function plainLine({ wallMs, node, service, rid, level, message }: LogEntry): string {
  const name = [node, service, rid].filter((part) => part !== null).join('.')
  return `${timeOfDay(new Date(wallMs))} ${name} ${level.toUpperCase().padEnd(7)} ${message}`
}

function timeOfDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const ms = String(date.getMilliseconds()).padStart(3, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())},${ms}`
}
