import { renameSync, rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import type { LogEntry, LogQuery, Store } from '../ports.js'
import { StoreFailure } from '../store-failure.js'
import { guarded, openDatabase } from './store-open.js'

/** A message longer than this many characters is cut. */
const LONGEST_MESSAGE = 16_384

const LEVELS: readonly LogEntry['level'][] = ['debug', 'info', 'warn', 'error']

type LogTable = Pick<Store, 'appendLog' | 'queryLog' | 'trimLog' | 'close'>

/** Log lines in a database of their own, so that a flood of them never waits for, or holds up, what must be synced. */
export function openLogTable(path: string): LogTable {
  const database = openOrReplace(path)
  const insert = database.prepare(
    'INSERT INTO log (wall_ms, node, service, rid, level, message, action) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const add = database.transaction<Store['appendLog']>((lines) => {
    for (const line of lines) {
      const { wallMs, node, service, rid, action } = line
      const message = line.message.slice(0, LONGEST_MESSAGE)
      insert.run(Math.round(wallMs), node, service, rid, LEVELS.indexOf(line.level), message, action)
    }
  })
  const trim = trimmer(database)
  let lost = 0
  let loss: LogEntry | null = null
  return {
    appendLog: (lines) => {
      const [last] = lines.slice(-1)
      if (last === undefined) return
      try {
        const before =
          lost === 0
            ? []
            : [lossOf(last, `${lost} earlier log lines were lost: the store could not be written`)]
        guarded(path, () => add([...before, ...lines]))
        lost = 0
        loss = null
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error
        lost += lines.length
        loss = lossOf(
          last,
          `${lost} log lines up to here could not be kept (omd's own output has them): ${error.message}`,
        )
      }
    },
    queryLog: (query) => {
      const kept = guarded(path, () => queryLog(database, query))
      return loss === null ? kept : [...kept, { ...loss, service: query.service ?? null }]
    },
    trimLog: (olderThanWallMs, keepLines) => {
      try {
        guarded(path, () => trim(olderThanWallMs, keepLines))
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error
      }
    },
    close: () => void database.close(),
  }
}

const TABLES = `
  CREATE TABLE log (
    number INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, node TEXT NOT NULL, service TEXT, rid TEXT,
    level INTEGER NOT NULL, message TEXT NOT NULL, action TEXT
  );
  CREATE INDEX log_by_time ON log (wall_ms);
  CREATE INDEX log_by_service ON log (service, wall_ms);
`

/** A damaged log stops no daemon: it is put aside, and a new one begun. */
function openOrReplace(path: string): Database.Database {
  const options = { path, tables: TABLES, synchronous: 'NORMAL', exclusive: false } as const
  try {
    return openDatabase(options)
  } catch (error) {
    if (!(error instanceof StoreFailure) || !error.damaged) throw error
    renameSync(path, `${path}.damaged`)
    for (const rest of ['-wal', '-shm']) rmSync(path + rest, { force: true })
    return openDatabase(options)
  }
}

function lossOf({ wallMs, node }: LogEntry, message: string): LogEntry {
  return { wallMs, node, service: null, rid: null, level: 'warn', message, action: null }
}

interface Row extends Omit<LogEntry, 'level'> {
  readonly level: number
}

/** The newest lines that match, oldest first. A level means this one and the graver ones. */
function queryLog(database: Database.Database, query: LogQuery): readonly LogEntry[] {
  const conditions = ['1']
  const values: (string | number)[] = []
  const add = (condition: string, value: string | number | undefined): void => {
    if (value === undefined) return
    conditions.push(condition)
    values.push(value)
  }
  add('service = ?', query.service)
  add('rid = ?', query.rid)
  add('level >= ?', query.level === undefined ? undefined : LEVELS.indexOf(query.level))
  add('wall_ms >= ?', query.sinceWallMs)
  const rows = database
    .prepare<(string | number)[], Row>(
      `SELECT wall_ms AS wallMs, node, service, rid, level, message, action FROM log
       WHERE ${conditions.join(' AND ')} ORDER BY wall_ms DESC, number DESC LIMIT ?`,
    )
    .all(...values, query.limit)
  return rows.toReversed().map((row) => ({ ...row, level: LEVELS[row.level] ?? 'error' }))
}

function trimmer(database: Database.Database): Store['trimLog'] {
  const old = database.prepare<[number]>('DELETE FROM log WHERE wall_ms < ?')
  const many = database.prepare<[number]>(
    'DELETE FROM log WHERE number <= (SELECT number FROM log ORDER BY number DESC LIMIT 1 OFFSET ?)',
  )
  return database.transaction<Store['trimLog']>((olderThanWallMs, keepLines) => {
    old.run(olderThanWallMs)
    many.run(keepLines)
  })
}
