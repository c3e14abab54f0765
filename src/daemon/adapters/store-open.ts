import { accessSync, chmodSync, closeSync, constants, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StoreFailure } from '../store-failure.js'
import { errorCode, systemFailure } from './errno.js'

/** Version of the tables; another one in the file is refused. */
const SCHEMA = 1

/** How long a write waits for another process that has the file open. */
const BUSY_MS = 1000

/** Pages that are kept in memory. The library's own default is 16 MB: one look at a long log would keep as much of it for good. */
const CACHE_KB = 1024

/** Opens a database, makes its tables where it is new, and claims it for this process where `exclusive`. */
export function openDatabase(o: {
  readonly path: string
  readonly tables: string
  readonly synchronous: 'FULL' | 'NORMAL'
  readonly exclusive: boolean
}): Database.Database {
  return guarded(o.path, () => {
    // SQLite would open a read-only file all the same, and fail later with an I/O error.
    if (existsSync(o.path)) accessSync(o.path, constants.W_OK)
    keepPrivate(o.path)
    const database = new Database(o.path, { timeout: BUSY_MS })
    try {
      // Without the shared index file of the WAL, a second daemon on the same files is refused instead of let in.
      if (o.exclusive) database.pragma('locking_mode = EXCLUSIVE')
      database.pragma('journal_mode = WAL')
      database.pragma(`cache_size = ${-CACHE_KB}`)
      database.pragma(`synchronous = ${o.synchronous}`)
      database.transaction(() => prepareTables(database, o)).immediate()
      return database
    } catch (error) {
      database.close()
      throw error
    }
  })
}

/** Services' configurations may hold secrets; what SQLite keeps beside the file gets the file's mode. */
function keepPrivate(path: string): void {
  // One that is there is not opened besides SQLite: closing it would end this process's locks on it (fcntl(2)).
  if (existsSync(path)) chmodSync(path, 0o600)
  else closeSync(openSync(path, 'a', 0o600))
}

function prepareTables(
  database: Database.Database,
  o: { readonly path: string; readonly tables: string },
): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version === SCHEMA) return
  if (version !== 0) {
    const message = `the store ${o.path} was written by another version of the agent (format ${version}, here ${SCHEMA}): install that version, or a newer one`
    throw new StoreFailure({ code: 'CONFLICT', message }, false)
  }
  database.exec(o.tables)
  database.pragma(`user_version = ${SCHEMA}`)
}

/** Runs something on the store; what the disk or SQLite objects to becomes a `StoreFailure` with a sentence. */
export function guarded<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof Database.SqliteError) throw sqliteFailure(path, error)
    if (error instanceof Error && 'errno' in error) {
      throw new StoreFailure(systemFailure(`the store ${path} cannot be used`, error), false)
    }
    throw error
  }
}

function sqliteFailure(path: string, error: Error): StoreFailure {
  const code = errorCode(error)
  const damaged = code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
  return new StoreFailure(
    { code: 'UNAVAILABLE', message: `the store ${path} ${sentence(path, code, error)}` },
    damaged,
  )
}

function sentence(path: string, code: string, error: Error): string {
  if (code === 'SQLITE_FULL') return 'cannot be written: the disk is full: free some space there'
  if (code.startsWith('SQLITE_READONLY'))
    return 'cannot be written: it is read-only: mount its filesystem read-write'
  if (code.startsWith('SQLITE_CANTOPEN'))
    return 'cannot be opened: see that its directory exists and can be written'
  if (code.startsWith('SQLITE_BUSY')) return 'is in use by another process: is another omd running?'
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return `is damaged: move ${path}* and ${dirname(path)}/certificates away and let this node join its cluster again`
  }
  if (code.startsWith('SQLITE_IOERR')) return `cannot be read or written (${code}): see to the disk`
  return `failed: ${error.message}`
}
