import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { winstonLog } from '../../src/daemon/adapters/log-winston.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'
import { parseLoad, systemSys } from '../../src/daemon/adapters/sys-proc.js'
import type { LogEntry } from '../../src/daemon/ports.js'

const entry: LogEntry = {
  wallMs: new Date(2026, 0, 2, 3, 4, 5, 67).getTime(),
  node: 'node1',
  service: 'db1',
  rid: 'fs#1',
  level: 'info',
  message: 'mount -t xfs /dev/loop0 /srv',
  action: 'a1',
}

describe('log', () => {
  test.each([
    [entry, '03:04:05,067 node1.db1.fs#1 INFO    mount -t xfs /dev/loop0 /srv\n'],
    [
      { ...entry, service: null, rid: null, level: 'warn' as const },
      '03:04:05,067 node1 WARN    mount -t xfs /dev/loop0 /srv\n',
    ],
    [{ ...entry, level: 'debug' as const }, ''],
  ])('plain', (line, expected) => {
    const stream = new PassThrough()
    winstonLog({ format: 'plain', level: 'info', stream }).write(line)
    expect(String(stream.read() ?? '')).toBe(expected)
  })

  test('json', () => {
    const stream = new PassThrough()
    winstonLog({ format: 'json', level: 'debug', stream }).write(entry)
    const { time, ...rest } = JSON.parse(String(stream.read()))
    expect(new Date(time).getTime()).toBe(entry.wallMs)
    expect(rest).toEqual({
      level: 'info',
      message: entry.message,
      node: 'node1',
      service: 'db1',
      rid: 'fs#1',
      action: 'a1',
    })
  })

  test('a reader that does not read costs lines and not memory, and one that went away nothing at all', () => {
    const stream = new PassThrough()
    const log = winstonLog({ format: 'plain', level: 'info', stream })
    for (let i = 0; i < 100; i++) log.write({ ...entry, message: 'x'.repeat(100_000) })
    expect(stream.writableLength).toBeLessThan(2_000_000)
    stream.resume()
    stream.destroy(new Error('gone'))
    log.write(entry)
  })
})

test('ids and load', async () => {
  const sys = await systemSys(systemFiles(), systemRng(), '/lsu/none')
  if (!sys.ok) throw new Error(sys.error.message)
  expect(sys.value.bootId).toMatch(/^[0-9a-f-]{36}\.\d+$/)
  expect(sys.value.machineId).toMatch(/^[0-9a-f]{32}$/)
  const load = await sys.value.load()
  expect(load.memTotalMb).toBeGreaterThan(load.memAvailMb)
  expect(load.cpus).toBeGreaterThan(0)
})

test('a machine without an id gets one, and keeps it', async () => {
  const dir = folder()
  const none = { ...systemFiles() }
  const files: typeof none = {
    ...none,
    read: (path) => none.read(path === '/etc/machine-id' ? '/lsu/none' : path),
  }
  const first = await systemSys(files, systemRng(), dir)
  const second = await systemSys(files, systemRng(), dir)
  expect(first.ok && second.ok && first.value.machineId === second.value.machineId).toBe(true)
  expect(readFileSync(`${dir}/machine-id`, 'utf8')).toMatch(/^[0-9a-f]{32}\n$/)
})

test('a process namespace of its own is a boot of its own', async () => {
  const script = `import('${import.meta.dirname}/../../src/daemon/adapters/sys-proc.ts').then(async ({ systemSys }) => {
      const { systemFiles } = await import('${import.meta.dirname}/../../src/daemon/adapters/files.ts')
      const sys = await systemSys(systemFiles(), { id: () => '0'.repeat(32) }, '/lsu/none')
      console.log(sys.value.bootId) })`
  const bootId = (): string =>
    execFileSync(
      'unshare',
      ['--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, '--import', 'tsx', '-e', script],
      {
        encoding: 'utf8',
      },
    ).trim()
  const first = bootId()
  expect(first).toMatch(/^[0-9a-f-]{36}\.\d+$/)
  expect(bootId()).not.toBe(first)
})

test('texts of an older kernel', () => {
  const meminfo =
    'MemTotal:        8150000 kB\nMemFree: 1 kB\nMemAvailable:    4075000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'
  expect(parseLoad('0.10 0.20 0.35 1/100 42\n', meminfo)).toMatchObject({
    load15m: 0.35,
    memTotalMb: 7959,
    memAvailMb: 3979,
    swapTotalMb: 0,
    swapAvailMb: 0,
  })
})

test('a kernel without swap has none, and that is no error', () => {
  const meminfo = 'MemTotal:        8150000 kB\nMemAvailable:    4075000 kB\n'
  expect(parseLoad('0.10 0.20 0.35 1/100 42\n', meminfo)).toMatchObject({ swapTotalMb: 0, swapAvailMb: 0 })
})

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lsu-sys-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}
