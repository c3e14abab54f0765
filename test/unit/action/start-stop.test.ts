import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { everything } from '../../../src/core/selection.js'
import type { Resource, Service } from '../../../src/core/service.js'
import { daemonEnds, type ActionOptions } from '../../../src/daemon/agent/action/options.js'
import type { TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'

import * as fixture from './fixture.js'
import { fileNode, files, statuses } from './fixture.js'

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

describe('an action as its log tells it', () => {
  test('start, start again, stop, stop again', async () => {
    const of = files({}, {})
    expect((await act(of, 'start')).log).toEqual([
      '- info do start --local (daemon origin), generation 7',
      'fs#0 info touch DIR/var-fs#0',
      'fs#1 info touch DIR/var-fs#1',
    ])
    const again = await act(of, 'start', { origin: 'user' })
    expect(again.log).toEqual([
      '- info do start --local (user origin), generation 7',
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

  test('of a resource with the tag nostatus no status is told, and all the same it must be there', async () => {
    const of = files({ tags: ['nostatus'] }, {})
    const started = await act(of, 'start')
    expect(statuses(started.result)).toBe('fs#0 n/a, fs#1 up')
    expect(there('fs#0')).toBe(true)
    const idle = await act(files({ tags: ['nostatus'], keywords: { start: ['sh', '-c', ':'] } }), 'restart')
    expect(idle.result.failure?.message).toContain('every step of the start succeeded, but')
  })

  test('a standby resource stays up in a stop, and goes with an unprovision', async () => {
    const of = files({ standby: true }, {})
    await act(of, 'start')
    expect((await act(of, 'stop')).log).toContain(
      'fs#0 info a standby resource stays up: only --force stops it',
    )
    expect(there('fs#0')).toBe(true)
    await act(of, 'unprovision')
    expect(there('fs#0')).toBe(false)
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
      '- info do restart --local (daemon origin), generation 7',
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

  test('and what was begun of it is held, whatever was seen before: no other node may start', async () => {
    const halfway = { keywords: { start: ['sh', '-c', `touch ${node.varDir}-fs#0; false`] } }
    const { result } = await act({ ...files(halfway), rollback: false }, 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['none', true])
    expect(result.resources['fs#0']).toMatchObject({ status: 'up', released: false })
  })

  test('keeps a standby resource up', async () => {
    const { result } = await act(files({ standby: true }, failing), 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['done', true])
  })
})

describe('a start that fails, besides', () => {
  const failing = { keywords: { start: ['false'] } }

  test('undoes a resource that came half way', async () => {
    const half = { keywords: { start: ['sh', '-c', `touch '${node.varDir}-fs#0'; exit 1`] } }
    const { result } = await act(files(half), 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['done', false])
  })

  test('says so where its undoing fails, and leaves what is below', async () => {
    const { result } = await act(files({}, { keywords: { stop: ['false'] } }, failing), 'start')
    expect([result.rollback, there('fs#0'), there('fs#1')]).toEqual(['failed', true, true])
  })

  test('takes a namespace along that was prepared for it, where nothing else is left', async () => {
    await act(files({ exclusive: false }), 'start')
    const { result } = await act(files({ exclusive: false }, failing), 'start')
    expect([result.rollback, there('fs#0')]).toEqual(['done', false])
  })

  test('leaves a namespace that something else still needs', async () => {
    await act(files({ exclusive: false }, {}), 'start')
    const { result } = await act(files({ exclusive: false }, {}, failing), 'start')
    expect([result.rollback, there('fs#0'), there('fs#1')]).toEqual(['done', true, true])
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

describe('a stop by force', () => {
  const withAddress = (rest: Partial<Resource> = {}): Service =>
    service([resource('ip#0', 'file', {}, rest), resource('fs#0', 'file'), resource('fs#1', 'file')])
  const forced = { forced: true, origin: 'daemon' } as const

  test('takes the address first, and says so', async () => {
    const of = withAddress()
    await act(of, 'start')
    expect((await act(of, 'stop', forced)).log).toEqual([
      '- info do stop --local (daemon origin), by force: addresses first',
      'ip#0 info rm DIR/var-ip#0',
      'fs#1 info rm DIR/var-fs#1',
      'fs#0 info rm DIR/var-fs#0',
    ])
  })

  test('an address that does not go keeps nothing else up, and is tried again behind it', async () => {
    const stop = ['sh', '-c', '[ ! -e "$0" ] && rm "$1"', `${node.varDir}-fs#0`, `${node.varDir}-ip#0`]
    const of = withAddress({ keywords: { stop } })
    await act(of, 'start')
    const { result, progress, releases } = await act(of, 'stop', forced)
    expect(result.failure).toBeNull()
    expect([there('ip#0'), there('fs#0'), there('fs#1'), releases.length]).toEqual([false, false, false, 1])
    expect(progress.filter((line) => line.startsWith('ip#0'))).toEqual([
      'ip#0 begun',
      'ip#0 failed',
      'ip#0 begun',
      'ip#0 done',
    ])
  })

  test('has a time for all of it, whatever a resource may take', async () => {
    const of = withAddress()
    const slow = {
      ...of,
      resources: of.resources.map((one) => ({ ...one, keywords: { stop: ['sleep', '60'] } })),
    }
    await act(of, 'start')
    const { result, log } = await act(slow, 'stop', { ...forced, withinMs: 2000 })
    expect(result.failure).toMatchObject({ code: 'EXEC_TIMEOUT' })
    expect(log.filter((line) => line.endsWith(' info sleep 60'))).toEqual([
      'ip#0 info sleep 60',
      'fs#1 info sleep 60',
    ])
  })

  test('fails with an address that stays', async () => {
    const of = withAddress({ keywords: { stop: ['false'] } })
    await act(of, 'start')
    const { result, releases } = await act(of, 'stop', forced)
    expect(result.failure?.message).toBe('ip#0: false failed with exit code 1')
    expect([there('ip#0'), there('fs#0'), releases]).toEqual([true, false, []])
  })
})

test.each([
  ['is rolled back', undefined, ['rm DIR/var-fs#0']],
  ['and its daemon with it is left as it is: nobody waits for what it begins then', daemonEnds, []],
])('a start that is ended %s', async (_, reason, undone) => {
  const ending = new AbortController()
  const of = files({}, { keywords: { start: ['sleep', '60'] } })
  const log: string[] = []
  const on: ActionOptions['on'] = {
    log: ({ message }) => {
      log.push(message.replaceAll(node.directory, 'DIR'))
      if (message === 'sleep 60') setTimeout(() => ending.abort(reason), 10)
    },
    progress: () => undefined,
    changed: () => undefined,
  }
  const { result } = await act(of, 'start', { signal: ending.signal, on })
  expect(result.failure?.code).toBe('ABORTED')
  expect(log.filter((message) => message.startsWith('rm'))).toEqual(undone)
})
