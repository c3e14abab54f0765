import { expect, test } from 'vitest'
import type { Node } from '../../../src/daemon/agent/action/view.js'
import { Logbook } from '../../../src/daemon/agent/logbook.js'
import { beforeMonitorAction } from '../../../src/daemon/agent/monitor-action.js'
import type { ExecOptions, ExecOutcome, Store } from '../../../src/daemon/ports.js'
import { flagService } from '../../sim/service.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** What was run with which time limit, and what the log says, where the command ends like this. */
async function actBefore(preMonitorAction: string | null, outcome: ExecOutcome, exit: number) {
  const ran: (readonly [readonly string[], number])[] = []
  const lines: string[] = []
  const run = async (argv: readonly string[], { timeoutMs }: ExecOptions) => {
    ran.push([argv, timeoutMs])
    return { argv, outcome, exit, stdout: '', stderr: 'not now\n', durationMs: 1 }
  }
  const logbook = new Logbook({
    node: 'node1',
    clock: new VirtualClock(),
    store: { appendLog: () => undefined, trimLog: () => undefined } as unknown as Store,
    log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) },
    publish: () => undefined,
    keep: () => ({ ageMs: 0, lines: 0 }),
  })
  const node = { io: { exec: { run } } } as unknown as Node
  await beforeMonitorAction({ node, logbook, service: flagService('db1', ['node1'], { preMonitorAction }) })
  return { ran, lines }
}

test('pre_monitor_action has a minute, and the monitor action follows whatever becomes of it', async () => {
  const { ran, lines } = await actBefore('/bin/tell "two words"', 'timeout', -1)
  expect(ran).toEqual([[['/bin/tell', 'two words'], 60_000]])
  expect(lines).toEqual([
    'info pre_monitor_action: /bin/tell two words',
    'warn pre_monitor_action: timeout not now',
  ])
})

test('one that fails is told of, one that succeeds says nothing more', async () => {
  expect((await actBefore('/bin/tell', 'exited', 3)).lines[1]).toBe('warn pre_monitor_action: exit 3 not now')
  expect((await actBefore('/bin/tell', 'exited', 0)).lines).toHaveLength(1)
})

test('without one nothing runs', async () => {
  expect(await actBefore(null, 'exited', 0)).toEqual({ ran: [], lines: [] })
})
