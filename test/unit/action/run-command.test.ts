import { expect, test } from 'vitest'
import { runCommand } from '../../../src/daemon/agent/action/run-command.js'
import type { Exec, ExecResult } from '../../../src/daemon/ports.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

const limitMs = 5_000

interface Ground {
  readonly clock: VirtualClock
  readonly ending: AbortController
  lease: string | null
}

/** A command that is asked for while it may begin, and whose turn comes when `meanwhile` has happened. */
async function waited(meanwhile: (ground: Ground) => void) {
  const ground: Ground = { clock: new VirtualClock(), ending: new AbortController(), lease: null }
  let begun = false
  const run: Exec['run'] = (argv, { mayBegin }) => {
    meanwhile(ground)
    begun = mayBegin?.() !== false
    const ended: ExecResult = { argv, outcome: 'exited', exit: 0, stdout: '', stderr: '', durationMs: 0 }
    return Promise.resolve(begun ? ended : { ...ended, outcome: 'aborted', exit: -1 })
  }
  const { clock, ending } = ground
  const result = await runCommand(
    { kind: 'command', argv: ['mount', '/dev/vg/data', '/srv'] },
    {
      exec: { run } as Exec,
      clock,
      signal: ending.signal,
      deadlineMs: clock.nowMs() + limitMs,
      mayContinue: () => ground.lease,
      env: {},
      tools: [],
      log: () => undefined,
    },
  )
  return { begun, said: result.ok ? 'done' : `${result.error.code} ${result.error.message}` }
}

test.each<readonly [string, (ground: Ground) => void, string]>([
  ['all lasts', () => undefined, 'done'],
  [
    'the lease ends',
    (ground) => (ground.lease = 'the lease has ended'),
    'ABORTED the action was ended: the lease has ended',
  ],
  ['the action is ended', ({ ending }) => ending.abort(), 'ABORTED the action was ended'],
  ['its time is over', ({ clock }) => clock.pass(limitMs), 'EXEC_TIMEOUT the time for the action is over'],
])('a command that waits for its turn while %s', async (_, meanwhile, said) => {
  expect(await waited(meanwhile)).toEqual({ begun: said === 'done', said })
})
