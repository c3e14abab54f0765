import { spawnSync } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { takePrecedence } from '../../src/daemon/adapters/priority.js'
import type { ExecResult } from '../../src/daemon/ports.js'

const exec = systemExec(systemClock())
const sh = (script: string): Promise<ExecResult> => exec.run(['/bin/sh', '-c', script], { timeoutMs: 20_000 })
const mayBeRealTime = spawnSync('chrt', ['--rr', '1', 'true']).status === 0

test.skipIf(!mayBeRealTime)('a command does not go before others as its daemon does', async () => {
  const before = getPriority()
  onTestFinished(async () => {
    await sh(`chrt --all-tasks --other --pid 0 ${process.pid}`)
    setPriority(before)
  })
  await takePrecedence(exec, (sentence) => expect.fail(sentence))
  expect(getPriority()).toBe(-20)
  expect((await sh(`chrt --pid ${process.pid}`)).stdout).toContain('SCHED_RR|SCHED_RESET_ON_FORK')
  const child = await sh('sleep 0.2; nice; chrt --pid $$')
  expect(child.stdout).toMatch(/^0\n.*SCHED_OTHER/)
})

test('who may not go before others goes on, and says so', async () => {
  const before = getPriority()
  onTestFinished(() => setPriority(before))
  const refused: ExecResult = {
    argv: ['chrt'],
    outcome: 'exited',
    exit: 1,
    stdout: '',
    stderr: "chrt: failed to set pid 7's policy: Operation not permitted\n",
    durationMs: 1,
  }
  const said: string[] = []
  await takePrecedence({ ...exec, run: () => Promise.resolve(refused) }, (sentence) => said.push(sentence))
  expect(said).toEqual([
    "beats may be late while this machine is busy: no real-time priority (chrt: failed to set pid 7's policy: Operation not permitted)",
  ])
})
