import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ok } from '../../src/core/result.js'
import { everything } from '../../src/core/selection.js'
import type { Resource, Service, Trigger } from '../../src/core/service.js'
import type { ActionOptions, ActionResult } from '../../src/daemon/agent/action/options.js'
import { planSteps } from '../../src/daemon/agent/action/plan-steps.js'
import { probe } from '../../src/daemon/agent/action/probe.js'
import { runAction } from '../../src/daemon/agent/action/run-action.js'
import { listOf, textOf, type Context, type Driver, type Step } from '../../src/resources/driver.js'
import { fsFlag } from '../../src/resources/fs/flag/driver.js'
import { resource, service } from '../drivers/sample.js'
import { testNode, type TestNode } from '../drivers/node.js'

/** A file that is up where it exists. Its start and stop can be given as other commands, to make them fail in every way. */
const file: Driver<boolean> = {
  group: 'fs',
  type: 'file',
  keywords: [],
  tools: [{ command: 'lsu-no-such-tool', package: 'no-such-package' }],
  events: [],
  label: (ctx) => `file ${ctx.resource.rid}`,
  look: async (ctx) => {
    if (textOf(ctx.resource, 'look') === 'hang') await new Promise(() => undefined)
    return ok((await ctx.io.files.stat(pathOf(ctx))) !== null)
  },
  status: (_, there) => ({ status: there ? 'up' : 'down', messages: [] }),
  start: (ctx, there) => (there ? [] : commands(ctx, 'start', ['touch', pathOf(ctx)])),
  stop: (ctx, there) => (there ? commands(ctx, 'stop', ['rm', pathOf(ctx)]) : []),
  early: (ctx) => {
    const argv = listOf(ctx.resource, 'early')
    return argv.length === 0 ? null : { kind: 'command', argv }
  },
  assume: (_, state) => state === 'up',
}

const pathOf = (ctx: Context): string => `${ctx.varDir}-${ctx.resource.rid}`

function commands(ctx: Context, keyword: string, usual: readonly string[]): readonly Step[] {
  const given = listOf(ctx.resource, keyword)
  const own: Step[] = given.length === 0 ? [] : [{ kind: 'command', argv: given }]
  return given.length > 0 && given[0] !== 'true' ? own : [...own, { kind: 'command', argv: usual }]
}

let node: TestNode
beforeEach(() => {
  node = testNode([fsFlag, file])
})
afterEach(() => node.remove())

interface Told {
  readonly result: ActionResult
  /** `rid level message` without the node's directory. */
  readonly log: readonly string[]
  readonly progress: readonly string[]
}

async function act(
  of: Service,
  action: ActionOptions['action'],
  more: Partial<ActionOptions> = {},
): Promise<Told> {
  const log: string[] = []
  const progress: string[] = []
  const result = await runAction({
    node,
    service: of,
    action,
    selection: everything,
    origin: 'daemon',
    leader: true,
    generation: 7,
    signal: new AbortController().signal,
    mayContinue: () => null,
    on: {
      log: ({ rid, level, message }) =>
        log.push(`${rid ?? '-'} ${level} ${message.replaceAll(node.directory, 'DIR')}`),
      progress: (rid, state) => progress.push(`${rid} ${state}`),
      changed: () => undefined,
    },
    ...more,
  })
  return { result, log, progress }
}

const files = (...more: readonly Partial<Resource>[]): Service =>
  service(more.map((rest, n) => resource(`fs#${n}`, 'file', {}, rest)))

const there = (rid: string): boolean => existsSync(join(`${node.varDir}-${rid}`))

const statuses = (result: ActionResult): string =>
  Object.entries(result.resources)
    .map(([rid, one]) => `${rid} ${one.status}`)
    .join(', ')

describe('an action as its log tells it', () => {
  test('start, start again, stop, stop again', async () => {
    const of = files({}, {})
    expect((await act(of, 'start')).log).toEqual([
      '- info do start --local (daemon origin)',
      'fs#0 info touch DIR/var-fs#0',
      'fs#1 info touch DIR/var-fs#1',
    ])
    const again = await act(of, 'start', { origin: 'user' })
    expect(again.log).toEqual([
      '- info do start --local (user origin)',
      'fs#0 info file fs#0 is already up',
      'fs#1 info file fs#1 is already up',
    ])
    expect(statuses(again.result)).toBe('fs#0 up, fs#1 up')
    const stopped = await act(of, 'stop', { selection: { ...everything, rids: ['fs#1', 'fs#0'] } })
    expect(stopped.log).toEqual([
      '- info do stop --local --rid fs#1,fs#0 (daemon origin)',
      'fs#1 info rm DIR/var-fs#1',
      'fs#0 info rm DIR/var-fs#0',
    ])
    expect((await act(of, 'stop')).log.slice(1)).toEqual([
      'fs#1 info file fs#1 is already down',
      'fs#0 info file fs#0 is already down',
    ])
  })

  test('a command shows what it printed', async () => {
    const of = files({ keywords: { start: ['true', '-c'] } })
    const shell = files({
      keywords: {
        stop: [
          'sh',
          '-c',
          'echo gone; echo "$LONGSHORE_SERVICE $LONGSHORE_RID $LONGSHORE_ACTION $LONGSHORE_GENERATION"; rm "$0"',
          `${node.varDir}-fs#0`,
        ],
      },
    })
    await act(of, 'start')
    expect((await act(shell, 'stop')).log.slice(2)).toEqual([
      'fs#0 info output:',
      'fs#0 info gone',
      'fs#0 info db1 fs#0 stop 7',
    ])
  })

  test('a restart is a stop and a start', async () => {
    const of = files({})
    await act(of, 'start')
    const { log, result } = await act(of, 'restart')
    expect(log).toEqual([
      '- info do restart --local (daemon origin)',
      'fs#0 info rm DIR/var-fs#0',
      'fs#0 info touch DIR/var-fs#0',
    ])
    expect(result.failure).toBeNull()
  })
})

describe('a start that fails', () => {
  const failing = { keywords: { start: ['sh', '-c', 'echo no room >&2; exit 3'] } }

  test('is rolled back in stop order, and says why in one sentence', async () => {
    const { log, progress, result } = await act(files({}, {}, failing, {}), 'start')
    expect(result.failure).toEqual({
      code: 'EXEC_FAILED',
      message: "fs#2: sh -c 'echo no room >&2; exit 3' failed with exit code 3: no room",
      details: ['no room'],
    })
    expect(log.slice(-8)).toEqual([
      "fs#2 error sh -c 'echo no room >&2; exit 3' failed with exit code 3: no room",
      'fs#2 error output:',
      'fs#2 error no room',
      'fs#1 info rollback: stop what this action started',
      'fs#1 info rm DIR/var-fs#1',
      'fs#0 info rollback: stop what this action started',
      'fs#0 info rm DIR/var-fs#0',
      "- error start failed: fs#2: sh -c 'echo no room >&2; exit 3' failed with exit code 3: no room",
    ])
    expect(result.rollback).toBe('done')
    expect(progress).toEqual([
      'fs#0 begun',
      'fs#0 done',
      'fs#1 begun',
      'fs#1 done',
      'fs#2 begun',
      'fs#2 failed',
      'fs#1 rolled back',
      'fs#0 rolled back',
    ])
    expect(statuses(result)).toBe('fs#3 down, fs#0 down, fs#1 down, fs#2 down')
  })

  test('leaves alone what was up before', async () => {
    await act(files({}), 'start')
    const { result } = await act(files({}, {}, failing), 'start')
    expect([result.rollback, there('fs#0'), there('fs#1')]).toEqual(['done', true, false])
  })

  test('is left as it is where the service does not want it undone', async () => {
    const { result } = await act({ ...files({}, failing), rollback: false }, 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['none', true])
  })

  test('keeps a standby resource up', async () => {
    const { result } = await act(files({ standby: true }, failing), 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['done', true])
  })

  test('undoes a resource that came half way', async () => {
    const half = { keywords: { start: ['sh', '-c', `touch '${node.varDir}-fs#0'; exit 1`] } }
    const { result } = await act(files(half), 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['done', false])
  })

  test('says so where its undoing fails, and leaves what is below', async () => {
    const { result } = await act(files({}, { keywords: { stop: ['false'] } }, failing), 'start')
    expect([result.rollback, there('fs#0'), there('fs#1')]).toEqual(['failed', true, true])
  })

  test('goes on where the resource is optional', async () => {
    const { result, log } = await act(files({ ...failing, optional: true }, {}), 'start')
    expect(result.failure).toBeNull()
    expect(there('fs#1')).toBe(true)
    expect(log).toContain('fs#0 warn start goes on: the resource is optional')
  })

})

describe('a start that cannot work', () => {
  test.each<[string, readonly string[], Partial<Resource>, string, string]>([
    [
      'the node does not show it',
      ['sh', '-c', ':'],
      {},
      'NOT_EFFECTIVE',
      'every step of the start succeeded, but file fs#0 is down',
    ],
    [
      'a missing tool',
      ['lsu-no-such-tool'],
      {},
      'UNAVAILABLE',
      'lsu-no-such-tool is not on this node: install the package no-such-package',
    ],
    [
      'a command that hangs',
      ['sleep', '60'],
      { timeouts: { start: 300, stop: 1000, provision: 1000, unprovision: 1000, status: 1000 } },
      'EXEC_TIMEOUT',
      'sleep 60 did not end within 300ms and was killed with its process group',
    ],
  ])('%s', async (_, start, rest, code, message) => {
    const { result } = await act(files({ keywords: { start }, ...rest }), 'start')
    expect([result.failure?.code, result.failure?.message]).toEqual([code, `fs#0: ${message}`])
  })
})

describe('a stop that fails', () => {
  test('tears nothing down below it', async () => {
    const of = files({}, { keywords: { stop: ['false'] } }, {})
    await act(of, 'start')
    const { result } = await act(of, 'stop')
    expect(result.failure?.message).toBe('fs#1: false failed with exit code 1')
    expect([there('fs#0'), there('fs#1'), there('fs#2')]).toEqual([true, true, false])
    expect(result.resources['fs#1']?.released).toBe(false)
  })

  test('a standby resource stays up, but for --force', async () => {
    const of = files({ standby: true })
    await act(of, 'start')
    const { log } = await act(of, 'stop')
    expect(log[1]).toBe('fs#0 info a standby resource stays up: only --force stops it')
    expect(there('fs#0')).toBe(true)
    const forced = await act(of, 'stop', { selection: { ...everything, force: true } })
    expect([there('fs#0'), statuses(forced.result)]).toEqual([false, 'fs#0 stdby down'])
  })
})

describe('the right to act', () => {
  test('is asked for before each exclusive step, and its loss undoes the start', async () => {
    let asked = 0
    const lost = { mayContinue: () => (++asked > 1 ? 'the lease ended' : null) }
    const { result } = await act(files({}, {}, {}), 'start', lost)
    expect(result.failure).toEqual({
      code: 'ABORTED',
      message: 'fs#1: the action was ended: the lease ended',
    })
    expect([there('fs#0'), asked]).toEqual([false, 2])
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

  test('what is begun early is awaited by its own resource', async () => {
    const of = files({}, { keywords: { early: ['sh', '-c', 'sleep 0.1; exit 1'] } })
    const { result, log } = await act(of, 'start')
    expect(result.failure?.message).toBe("fs#1: sh -c 'sleep 0.1; exit 1' failed with exit code 1")
    expect(log[1]).toBe("fs#1 info sh -c 'sleep 0.1; exit 1'")
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
