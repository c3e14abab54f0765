import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { systemRng } from '../../src/daemon/adapters/rng.js'

const files = systemFiles()

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'lsu-files-'))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

test('what is written is read, with its mode, and nothing else stays', async () => {
  const dir = folder()
  expect(await files.write(`${dir}/a`, 'one\n')).toEqual({ ok: true, value: undefined })
  expect(await files.write(`${dir}/a`, 'two\n', 0o600)).toMatchObject({ ok: true })
  expect(await files.read(`${dir}/a`)).toEqual({ ok: true, value: 'two\n' })
  expect(await files.stat(`${dir}/a`)).toMatchObject({ kind: 'file', mode: 0o600, size: 4, uid: 0 })
  expect(await files.list(dir)).toEqual({ ok: true, value: ['a'] })
})

test('a write that fails leaves the old file and no rest', async () => {
  const dir = folder()
  await files.makeDirectory(`${dir}/a/b`)
  expect(await files.write(`${dir}/a`, 'x')).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining(`${dir}/a`) },
  })
  expect(await files.list(dir)).toEqual({ ok: true, value: ['a'] })
})

test('what is not there is named, with the reason', async () => {
  expect(await files.read('/lsu/none')).toEqual({
    ok: false,
    error: { code: 'UNKNOWN', message: 'could not read /lsu/none: no such file or directory' },
  })
  expect(await files.stat('/lsu/none')).toBeNull()
  expect(await files.remove('/lsu/none')).toMatchObject({ ok: true })
})

test('the proc filesystem is read, though its files claim to be empty, and not written', async () => {
  expect(await files.write('/proc/lsu', 'x')).toMatchObject({ ok: false })
  expect(await files.read('/proc/self/stat')).toMatchObject({
    ok: true,
    value: expect.stringContaining('('),
  })
})

test('directories, links, modes, sparse files', async () => {
  const dir = folder()
  await files.makeDirectory(`${dir}/x/y`, 0o700)
  symlinkSync(`${dir}/x`, `${dir}/link`)
  expect(await files.realpath(`${dir}/link/y`)).toEqual({ ok: true, value: `${dir}/x/y` })
  expect(await files.chmod(`${dir}/x`, 0o711)).toMatchObject({ ok: true })
  expect(await files.chown(`${dir}/x`, 33, 44)).toMatchObject({ ok: true })
  expect(await files.stat(`${dir}/link`)).toMatchObject({
    kind: 'directory',
    mode: 0o711,
    uid: 33,
    gid: 44,
  })
  expect(await files.truncate(`${dir}/big`, 1 << 30)).toMatchObject({ ok: true })
  expect(statSync(`${dir}/big`)).toMatchObject({ size: 1 << 30, blocks: 0 })
  expect(await files.remove(`${dir}/link`)).toMatchObject({ ok: true })
  expect(await files.remove(`${dir}/x`)).toMatchObject({ ok: false, error: { code: 'CONFLICT' } })
  expect(await files.remove(`${dir}/x/y`)).toMatchObject({ ok: true })
})

test('a change in a directory is noticed and named, also in one that came later', async () => {
  const dir = folder()
  const names = new Set<string | null>()
  let wake: (() => void) | null = null
  const cancel = files.watch(`${dir}/later`, (name) => {
    names.add(name)
    if (name === null || name === 'a') wake?.()
  })
  onTestFinished(cancel)
  const change = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  const appeared = change()
  await files.makeDirectory(`${dir}/later`)
  await appeared
  const changed = change()
  await files.write(`${dir}/later/a`, 'x')
  await changed
  expect(names).toContain(null)
  expect(names).toContain('a')
})

describe('clock and random numbers', () => {
  test('a callback never comes before its time, and not at all once cancelled', async () => {
    const clock = systemClock()
    let wrong = 0
    clock.at(clock.nowMs() + 5, () => wrong++)()
    for (let i = 0; i < 20; i++) {
      const atMs = clock.nowMs() + i / 3
      await new Promise<void>((resolve) => clock.at(atMs, resolve))
      if (clock.nowMs() < atMs) wrong++
    }
    expect(wrong).toBe(0)
  })

  test('a time far away is no time now', async () => {
    const clock = systemClock()
    let called = false
    const cancel = clock.at(clock.nowMs() + 1e12, () => (called = true))
    await new Promise((resolve) => setTimeout(resolve, 20))
    cancel()
    expect(called).toBe(false)
  })

  test('ids are 128 bits and differ', () => {
    const rng = systemRng()
    const ids = new Set(Array.from({ length: 1000 }, () => rng.id()))
    expect(ids.size).toBe(1000)
    expect([...ids].every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
    expect(rng.random()).toBeLessThan(1)
  })
})
