import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/daemon/adapters/store-sqlite.js'
import { StoreFailure } from '../../src/daemon/store-failure.js'
import type { LogEntry, Store } from '../../src/daemon/ports.js'

test('what is put is there, also after a restart', () => {
  const dir = folder()
  const store = openStore(dir)
  store.put('a', '1')
  store.putAll([
    { key: 'b', value: '2' },
    { key: 'a', value: '3' },
    { key: 'c', value: '4' },
  ])
  store.putAll([{ key: 'c', value: null }])
  store.close()
  const again = open(dir)
  expect([again.get('a'), again.get('b'), again.get('c')]).toEqual(['3', '2', null])
  const modes = readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777)
  expect(new Set(modes)).toEqual(new Set([0o600]))
})

test('a list holds what begins with its prefix, in order', () => {
  const store = open(folder())
  for (const key of ['target/b', 'target/a', 'target', 'target0', 'targeu', 'target/é']) store.put(key, key)
  expect(store.list('target/').map(({ key }) => key)).toEqual(['target/a', 'target/b', 'target/é'])
  expect(store.list('')).toHaveLength(6)
})

test('many changes are made together or not at all', () => {
  const store = open(folder())
  store.put('a', '1')
  const broken = [
    { key: 'a', value: '2' },
    { key: 'b', value: {} as string },
  ]
  expect(() => store.putAll(broken)).toThrow()
  expect(store.get('a')).toBe('1')
})

test('history: newest first, each name its own, bounded', () => {
  const store = open(folder())
  const entry = (version: string) => ({ version, wallMs: 1, author: 'user', node: 'node1', text: null })
  for (let i = 1; i <= 1003; i++) store.addHistory('db1', entry(`v${i}`))
  store.addHistory('db2', entry('other'))
  const versions = store.history('db1').map(({ version }) => version)
  expect(versions).toHaveLength(1000)
  expect([versions[0], versions.at(-1)]).toEqual(['v1003', 'v4'])
  expect(store.history('db2')).toEqual([entry('other')])
})

test.each([
  [{ limit: 10 }, [0, 1, 2, 3]],
  [{ limit: 2 }, [2, 3]],
  [{ limit: 10, service: 'db1' }, [0, 1]],
  [{ limit: 10, service: 'db1', rid: 'fs#1' }, [1]],
  [{ limit: 10, level: 'warn' as const }, [1, 3]],
  [{ limit: 10, sinceWallMs: 30 }, [2, 3]],
])('log lines asked with %j', (query, expected) => {
  const store = open(folder())
  const lines = [
    line(10, { service: 'db1' }),
    line(20, { service: 'db1', rid: 'fs#1', level: 'warn', action: 'x' }),
    line(30, { service: 'db2', level: 'debug' }),
    line(40, { level: 'error' }),
  ]
  store.appendLog(lines)
  expect(store.queryLog(query)).toEqual(expected.map((index) => lines[index]))
})

test('the log is trimmed by age and by number', () => {
  const store = open(folder())
  store.appendLog([10, 20, 30, 40, 50].map((wallMs) => line(wallMs)))
  store.trimLog(20, 100)
  expect(store.queryLog({ limit: 10 }).map(({ wallMs }) => wallMs)).toEqual([20, 30, 40, 50])
  store.trimLog(0, 2)
  expect(store.queryLog({ limit: 10 }).map(({ wallMs }) => wallMs)).toEqual([40, 50])
})

test('a full disk refuses a write in words, keeps what was there, and counts lost log lines', () => {
  const dir = tmpfs('size=256k')
  const store = open(dir)
  store.put('a', 'kept')
  writeFileSync(`${dir}/ballast`, Buffer.alloc(32 * 1024))
  const big = 'x'.repeat(20_000)
  const fill = (): void => {
    for (let i = 0; i < 100; i++) store.put(`fill/${i}`, big)
  }
  expect(fill).toThrow(
    new RegExp(`^the store ${dir}/state.db cannot be written: the disk is full: free some space there$`),
  )
  for (let i = 0; i < 20; i++) store.appendLog([line(1, { message: 'y'.repeat(16_000) })])
  expect(store.get('a')).toBe('kept')
  truncateSync(`${dir}/ballast`)
  store.appendLog([line(2, { message: 'after' })])
  const [loss, after] = store.queryLog({ limit: 2 })
  expect(loss?.message).toMatch(/^\d+ earlier log lines were lost/)
  expect(after?.message).toBe('after')
})

test('a read-only filesystem is said so, new and old store alike', () => {
  const dir = tmpfs('size=1m')
  openStore(`${dir}/old`).close()
  execFileSync('mount', ['-o', 'remount,ro', dir])
  expect(failureOf(() => openStore(`${dir}/new`))).toBe(
    `the store ${dir}/new cannot be used: read-only file system: mount the filesystem read-write and try again`,
  )
  expect(failureOf(() => openStore(`${dir}/old`))).toContain(
    'old/state.db cannot be used: read-only file system: mount',
  )
})

test('a second daemon is refused', () => {
  const dir = folder()
  open(dir)
  expect(failureOf(() => openStore(dir))).toBe(
    `the store ${dir}/state.db is in use by another process: is another omd running?`,
  )
})

test('a damaged state is refused, a damaged log put aside', () => {
  const dir = folder()
  openStore(dir).close()
  writeFileSync(`${dir}/log.db`, 'x'.repeat(10_000))
  const store = openStore(dir)
  store.appendLog([line(1)])
  expect(store.queryLog({ limit: 5 })).toHaveLength(1)
  store.close()
  expect(existsSync(`${dir}/log.db.damaged`)).toBe(true)
  writeFileSync(`${dir}/state.db`, 'x'.repeat(10_000))
  expect(failureOf(() => openStore(dir))).toContain(
    `state.db is damaged: move ${dir}/state.db* and ${dir}/certificates away`,
  )
})

test('a store of another format is refused', () => {
  const dir = folder()
  const database = new Database(join(dir, 'state.db'))
  database.pragma('user_version = 7')
  database.close()
  expect(failureOf(() => openStore(dir))).toContain('another version of the agent (format 7, here 1)')
})

function failureOf(act: () => Store): string {
  try {
    act().close()
  } catch (error) {
    if (error instanceof StoreFailure) return error.failure.message
    throw error
  }
  return 'no failure'
}

function line(wallMs: number, rest: Partial<LogEntry> = {}): LogEntry {
  return {
    wallMs,
    node: 'node1',
    service: null,
    rid: null,
    level: 'info',
    message: 'said',
    action: null,
    ...rest,
  }
}

function open(dir: string): Store {
  const store = openStore(dir)
  onTestFinished(() => store.close())
  return store
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lsu-store-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

function tmpfs(options: string): string {
  const made = join(folder(), 'mnt')
  mkdirSync(made)
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'lsu-store', made])
  onTestFinished(() => void execFileSync('umount', ['-l', made]))
  return made
}
