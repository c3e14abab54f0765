import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'

describe('commands that are wanted at once', () => {
  const wanted = Array.from({ length: 10 })

  test('begin one in a turn of the loop', async () => {
    let turn = 0
    let over = false
    const count = (): void => {
      turn += 1
      if (!over) setImmediate(count)
    }
    setImmediate(count)
    const begun: number[] = []
    const begin = (): (() => void) => {
      begun.push(turn)
      return () => undefined
    }
    const { run } = systemExec(systemClock(), { begun: begin })
    await Promise.all(wanted.map(() => run(['/bin/true'], { timeoutMs: 20_000 })))
    over = true
    expect(new Set(begun).size).toBe(wanted.length)
  })

  test('never begin where they are aborted while they wait', async () => {
    let begun = 0
    const record = { begun: () => ((begun += 1), () => undefined) }
    const { run } = systemExec(systemClock(), record)
    const aborting = new AbortController()
    const asked = wanted.map(() => run(['/bin/true'], { timeoutMs: 20_000, signal: aborting.signal }))
    setImmediate(() => aborting.abort())
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome)
    expect(begun).toBeLessThan(wanted.length)
    expect(outcomes.slice(begun).every((outcome) => outcome === 'aborted')).toBe(true)
  })

  test.each([
    ['what permitted them', { timeoutMs: 20_000, standStillMs: 0, lasts: false }, 'aborted'],
    ['their time', { timeoutMs: 10, standStillMs: 30, lasts: true }, 'timeout'],
  ])(
    'never begin where %s is gone while they wait',
    async (_, { timeoutMs, standStillMs, lasts }, outcome) => {
      let begun = 0
      let permitted = true
      const { run } = systemExec(systemClock(), { begun: () => ((begun += 1), () => undefined) })
      const asked = wanted.map(() => run(['/bin/true'], { timeoutMs, mayBegin: () => permitted }))
      permitted = lasts
      const untilMs = performance.now() + standStillMs
      while (performance.now() < untilMs);
      expect((await Promise.all(asked)).map((one) => one.outcome)).toEqual(wanted.map(() => outcome))
      expect(begun).toBe(0)
    },
  )

  test('begin later all the same, after a while of rest', async () => {
    const { run } = systemExec(systemClock())
    const sh = (script: string) => run(['/bin/sh', '-c', script], { timeoutMs: 20_000 })
    for (let n = 0; n < 3; n += 1) {
      const ran = await Promise.all([sh('exit 3'), sh('exit 4')])
      expect(ran.map(({ exit }) => exit)).toEqual([3, 4])
    }
  })
})
