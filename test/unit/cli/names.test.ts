import { afterEach, beforeEach, expect, test } from 'vitest'
import { Daemon, Recorder, type } from './daemon.js'

// What shells and the shutdown of a machine ask for.

let daemon: Daemon
beforeEach(async () => {
  daemon = await Daemon.start()
})
afterEach(() => daemon.stop())

test.each([
  ['services', 'db1\n'],
  ['nodes', 'node1\nnode2\n'],
  ['held', 'db1\n'],
  ['thawed', 'db1\n'],
  ['nonsense', ''],
])('om --names %s', async (what, printed) => {
  const recorder = new Recorder(daemon.root)
  expect(await type(recorder, `om --names ${what}`)).toBe(0)
  expect([recorder.stdout, recorder.stderr]).toEqual([printed, ''])
})

test('without a daemon it says nothing', async () => {
  const recorder = new Recorder('/lsu/none')
  expect(await type(recorder, 'om --names services')).toBe(1)
  expect([recorder.stdout, recorder.stderr]).toEqual(['', ''])
})
