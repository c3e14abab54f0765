import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { everything } from '../../../src/core/selection.js'
import type { Resource, Service, Trigger } from '../../../src/core/service.js'
import type { ActionOptions } from '../../../src/daemon/agent/action/options.js'
import { planSteps } from '../../../src/daemon/agent/action/plan-steps.js'
import { probe } from '../../../src/daemon/agent/action/probe.js'
import type { TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

import * as fixture from './fixture.js'
import { fileNode, files } from './fixture.js'

let node: TestNode
beforeEach(() => {
  node = fileNode()
})
afterEach(() => node.remove())

const act = (
  of: Service,
  action: ActionOptions['action'],
  more: Partial<ActionOptions> = {},
): Promise<fixture.Told> => fixture.act(node, of, action, more)

const there = (rid: string): boolean => fixture.there(node, rid)

describe('the right to act', () => {
  test('is asked for before each exclusive step is told and before it begins, and its loss undoes the start', async () => {
    let asked = 0
    const lost = { mayContinue: () => (++asked > 2 ? 'the lease ended' : null) }
    const { result } = await act(files({}, {}, {}), 'start', lost)
    expect(result.failure).toEqual({
      code: 'ABORTED',
      message: 'fs#1: the action was ended: the lease ended',
    })
    expect([there('fs#0'), asked]).toEqual([false, 3])
  })

  test('is not needed for what is not exclusive, nor for a stop', async () => {
    const never = { mayContinue: () => 'no' }
    const of = files({ exclusive: false })
    expect((await act(of, 'start', never)).result.failure).toBeNull()
    expect((await act(files({}), 'stop', never)).result.failure).toBeNull()
  })

  test('an abort kills the command and undoes the start', async () => {
    const ending = new AbortController()
    const of = files({}, { keywords: { start: ['sleep', '60'] } })
    const running = act(of, 'start', {
      signal: ending.signal,
      on: {
        log: ({ message }) => message === 'sleep 60' && setTimeout(() => ending.abort(), 50),
        progress: () => undefined,
        changed: () => undefined,
      },
    })
    const { result } = await running
    expect([result.failure?.code, result.rollback, there('fs#0')]).toEqual(['ABORTED', 'done', false])
  })
})

describe('conditions', () => {
  const requires = (states: readonly string[]): Partial<Resource> => ({
    requires: [{ action: 'start', rid: 'fs#9', states }],
  })
  const other = resource('fs#9', 'file')

  test.each<[string, readonly string[], string | null, boolean]>([
    ['met', ['down'], null, true],
    [
      'not met',
      ['up', 'stdby up'],
      'fs#0: start is refused: fs#9 is down, and start_requires wants it up or stdby up',
      false,
    ],
    ['never met: passed over', ['impossible'], null, false],
  ])('%s', async (_, states, message, started) => {
    const of = service([...files(requires(states)).resources, other])
    const { result } = await act(of, 'start', { selection: { ...everything, rids: ['fs#0'] } })
    expect([result.failure?.message ?? null, there('fs#0')]).toEqual([message, started])
  })

  const trigger = (when: 'pre' | 'post', blocking: boolean, ...command: readonly string[]): Trigger => ({
    when,
    action: 'start',
    blocking,
    command,
  })

  test.each<[string, readonly Trigger[], string | null, boolean]>([
    ['a trigger that fails is logged', [trigger('pre', false, 'false')], null, true],
    [
      'a blocking one ends the action',
      [trigger('pre', true, 'false')],
      'fs#0: blocking_pre_start: false failed with exit code 1',
      false,
    ],
    [
      'after the start, it is undone',
      [trigger('post', true, 'false')],
      'fs#0: blocking_post_start: false failed with exit code 1',
      false,
    ],
    ['all well', [trigger('pre', true, 'true'), trigger('post', true, 'true')], null, true],
  ])('%s', async (_, triggers, message, started) => {
    const { result } = await act(files({ triggers }), 'start')
    expect([result.failure?.message ?? null, there('fs#0')]).toEqual([message, started])
  })

  test('a trigger finds in its environment which start it belongs to', async () => {
    const tell = 'echo "$LONGSHORE_SERVICE $LONGSHORE_RID $LONGSHORE_ACTION $LONGSHORE_GENERATION"'
    const { log } = await act(files({ triggers: [trigger('pre', true, 'sh', '-c', tell)] }), 'start')
    expect(log).toContain('fs#0 info db1 fs#0 start 7')
  })

  test('what is begun early is awaited by its own resource', async () => {
    const of = files({}, { keywords: { early: ['sh', '-c', 'sleep 0.1; exit 1'] } })
    const { result, log } = await act(of, 'start')
    expect(result.failure?.message).toBe("fs#1: sh -c 'sleep 0.1; exit 1' failed with exit code 1")
    expect(log.slice(1, 3)).toContain("fs#1 info sh -c 'sleep 0.1; exit 1'")
    expect([there('fs#0'), there('fs#1')]).toEqual([false, false])
  })
})

describe('probe', () => {
  test('statuses, standby, disabled, unknown and hung ones', async () => {
    const quick = { start: 1000, stop: 1000, provision: 1000, unprovision: 1000, status: 100 }
    const of = service([
      resource('fs#0', 'file'),
      resource('fs#1', 'file', {}, { standby: true }),
      resource('fs#2', 'file', {}, { disable: true }),
      resource('fs#3', 'file', { look: 'hang' }, { timeouts: quick }),
      resource('fs#4', 'strange'),
      resource('fs#5', 'flag'),
    ])
    await act(of, 'start', { selection: { ...everything, rids: ['fs#0'] } })
    const [instance] = await probe([{ service: of, generation: null }], node)
    const shown = Object.entries(instance?.resources ?? {}).map(([rid, one]) =>
      [rid, one.status, one.released, one.messages[0]?.text ?? ''].join(' ').trim(),
    )
    expect(shown).toEqual([
      'fs#0 up false',
      'fs#1 stdby down true',
      'fs#2 n/a true',
      'fs#3 undef false its status is not known within 100ms',
      'fs#4 undef false there is no driver fs.strange on this node',
      'fs#5 down true',
    ])
  })
})

test('a dry run shows the commands of every phase, and touches nothing', () => {
  const of = service([
    resource(
      'fs#0',
      'file',
      {},
      { triggers: [{ when: 'pre', action: 'start', blocking: true, command: ['rescan', 'a b'] }] },
    ),
    resource('fs#1', 'file', { early: ['arping', '192.0.2.1'] }),
  ])
  const lines = (action: 'start' | 'stop' | 'restart'): readonly string[] => {
    const planned = planSteps({
      node,
      service: of,
      action,
      selection: everything,
      leader: true,
      generation: 1,
    })
    if (!planned.ok) return [planned.error.message]
    return planned.value.map(({ rid, text }) => `${rid} ${text.replaceAll(node.directory, 'DIR')}`)
  }
  expect(lines('start')).toEqual([
    'fs#1 arping 192.0.2.1',
    "fs#0 rescan 'a b'",
    'fs#0 touch DIR/var-fs#0',
    'fs#1 touch DIR/var-fs#1',
  ])
  expect(lines('stop')).toEqual(['fs#1 rm DIR/var-fs#1', 'fs#0 rm DIR/var-fs#0'])
  expect(lines('restart')).toHaveLength(6)
  expect(there('fs#0')).toBe(false)
})
