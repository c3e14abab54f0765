import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LabError } from '../lab/failure.js'
import { processAt } from '../lab/process.js'
import { machineFolder, machinePlaceOf } from '../vm/place.js'
import { startTwice } from '../vm/start.js'

const said: string[] = []
const place = { ...machinePlaceOf('start'), run: mkdtempSync(join(tmpdir(), 'vm-start-')) }

beforeEach(() => {
  said.length = 0
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(place.run, { recursive: true, force: true })
})

/** It fails so many times; how often it was tried. */
async function tried(failures: readonly Error[]): Promise<number> {
  let tries = 0
  const start = async (): Promise<void> => {
    const failure = failures[tries]
    tries += 1
    if (failure !== undefined) throw failure
  }
  await startTwice(place, 2, start).catch((thrown: Error) => said.push(`thrown: ${thrown.message}`))
  return tries
}

const silent = new LabError('node2 does not boot')

test('a machine that comes up is started once, without a word', async () => {
  expect([await tried([]), said]).toEqual([1, []])
})

test('one that does not is started once more, which is said', async () => {
  expect([await tried([silent]), said]).toEqual([
    2,
    ['node2 is switched on a second time: node2 does not boot'],
  ])
})

test('twice is enough', async () => {
  expect([await tried([silent, silent]), said.at(-1)]).toEqual([2, 'thrown: node2 does not boot'])
})

test('a defect of the tools is not tried again', async () => {
  expect([await tried([new TypeError('no such thing')]), said]).toEqual([1, ['thrown: no such thing']])
})

test('nor is a machine that is on switched off for it', async () => {
  const machine = spawn('sleep', ['60'])
  const started = await processAt(machine.pid ?? 0)
  mkdirSync(machineFolder(place, 2), { recursive: true })
  writeFileSync(join(machineFolder(place, 2), 'started'), `${started?.pid} ${started?.start}\n`)
  expect([await tried([new LabError('node2 is up already')]), said]).toEqual([
    1,
    ['thrown: node2 is up already'],
  ])
  expect(machine.kill()).toBe(true)
})
