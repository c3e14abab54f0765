import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Database from 'better-sqlite3'
import type { HistoryEntry, Store } from '../ports.js'
import { openLogTable } from './store-log.js'
import { guarded, openDatabase } from './store-open.js'

/** Versions of one configuration that are kept. */
const HISTORY_VERSIONS = 1000

/**
 * The node's store: `state.db`, synced at each write, and `log.db`, which may lose its last lines with the machine.
 * Throws a `StoreFailure` where the disk is full, read-only or damaged; its sentence is for people. Log lines are never worth one:
 * those that cannot be written are counted, and the count is logged once writing works again.
 */
export function openStore(directory: string): Store {
  guarded(directory, () => makeDirectory(directory))
  const path = join(directory, 'state.db')
  const database = openDatabase({ path, tables: TABLES, synchronous: 'FULL', exclusive: true })
  const log = openLogTable(join(directory, 'log.db'))
  return {
    ...entries(database, path),
    ...log,
    ...history(database, path),
    close: () => {
      log.close()
      database.close()
    },
  }
}

/** Node's own recursive variant answers ENOENT on a read-only filesystem. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

const TABLES = `
  CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE history (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, wall_ms INTEGER NOT NULL,
    author TEXT NOT NULL, node TEXT NOT NULL, text TEXT
  );
  CREATE INDEX history_by_name ON history (name, number);
`

/** Above every character, in SQLite's byte order too. */
const LAST_CHARACTER = '\u{10FFFF}'

function entries(database: Database.Database, path: string): Pick<Store, 'get' | 'put' | 'putAll' | 'list'> {
  const get = database.prepare<[string], { value: string }>('SELECT value FROM kv WHERE key = ?')
  const put = database.prepare<[string, string]>('INSERT OR REPLACE INTO kv (key, value) VALUES (?, ?)')
  const remove = database.prepare<[string]>('DELETE FROM kv WHERE key = ?')
  const list = database.prepare<[string, string], { key: string; value: string }>(
    'SELECT key, value FROM kv WHERE key >= ? AND key < ? ORDER BY key',
  )
  const putAll = database.transaction<Store['putAll']>((changes) => {
    for (const { key, value } of changes) {
      if (value === null) remove.run(key)
      else put.run(key, value)
    }
  })
  return {
    get: (key) => guarded(path, () => get.get(key)?.value ?? null),
    put: (key, value) => guarded(path, () => void put.run(key, value)),
    putAll: (changes) => guarded(path, () => putAll(changes)),
    list: (prefix) => guarded(path, () => list.all(prefix, prefix + LAST_CHARACTER)),
  }
}

function history(database: Database.Database, path: string): Pick<Store, 'history' | 'addHistory'> {
  const list = database.prepare<[string], HistoryEntry>(
    'SELECT version, wall_ms AS wallMs, author, node, text FROM history WHERE name = ? ORDER BY number DESC',
  )
  const insert = database.prepare(
    'INSERT INTO history (name, version, wall_ms, author, node, text) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const trim = database.prepare<{ name: string; keep: number }>(
    `DELETE FROM history WHERE name = @name AND number <=
      (SELECT number FROM history WHERE name = @name ORDER BY number DESC LIMIT 1 OFFSET @keep)`,
  )
  const add = database.transaction<Store['addHistory']>((name, entry) => {
    insert.run(name, entry.version, entry.wallMs, entry.author, entry.node, entry.text)
    trim.run({ name, keep: HISTORY_VERSIONS })
  })
  return {
    history: (name) => guarded(path, () => list.all(name)),
    addHistory: (name, entry) => guarded(path, () => add(name, entry)),
  }
}
