import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Resource, Trigger } from '../../../src/core/service.js'
import { dueAhead } from '../../../src/daemon/agent/action/foresight.js'
import { ok } from '../../../src/core/result.js'
import type { CommandStep, Context, Driver } from '../../../src/resources/driver.js'
import { testNode, type TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act, fileNode, files, statuses, there } from './fixture.js'

/** Files that are told by one look at their directory. */
const directory: Driver<boolean> = {
  group: 'fs',
  type: 'listed',
  keywords: [],
  tools: [],
  events: [],
  label: (ctx) => ctx.resource.rid,
  look: async (ctx, look) => {
    const names = await look.once('names', (io) => io.files.list(dirname(ctx.varDir)))
    return names.ok ? ok(names.value.includes(`var-${ctx.resource.rid}`)) : names
  },
  status: (_, there) => ({ status: there ? 'up' : 'down', messages: [] }),
  start: (ctx, there) => (there ? [] : [command('touch', ctx, ctx.resource.rid)]),
  stop: (ctx, there) => (there ? [command('rm', ctx, ctx.resource.rid)] : []),
  assume: (_, state) => state === 'up',
}

/** Never quite up. It brings the next one with it, and takes it away. */
const half: Driver<boolean> = {
  ...directory,
  type: 'half',
  status: (_, there) => ({ status: there ? 'warn' : 'down', messages: [] }),
  start: (ctx) => [command('touch', ctx, 'fs#0', 'fs#1')],
  stop: (ctx, there) => (there ? [command('rm', ctx, 'fs#0', 'fs#1')] : []),
}

const command = (program: string, ctx: Context, ...rids: readonly string[]): CommandStep => ({
  kind: 'command',
  argv: [program, ...rids.map((rid) => `${ctx.varDir}-${rid}`)],
})

describe('what is looked at ahead of its turn', () => {
  const group = resource('disk#0', 'vg', { name: 'db1' })
  const volume = (n: number, vg = 'db1') => resource(`disk#${n}`, 'lv', { name: `v${n}`, vg })
  const mount = (n: number, mnt: string) => resource(`fs#${n}`, 'xfs', { mnt })
  const address = (n: number) => resource(`ip#${n}`, 'netns', { netns: 'container#0' })
  const container = (n: number, keywords = {}) => resource(`container#${n}`, 'docker', keywords)
  const pause = container(0)
  const cases = [
    ...(['netns', 'pidns', 'ipcns'] as const).map((keyword) => ({
      name: `no container before the one whose ${keyword} it is in`,
      ahead: [pause, container(1), container(2, { [keyword]: 'container#0' })],
      due: 'container#0 container#1',
    })),
    { name: 'mounts beside each other', ahead: [mount(1, '/a'), mount(2, '/b')], due: 'fs#1 fs#2' },
    { name: 'of nested mounts the first', ahead: [mount(2, '/a/b'), mount(1, '/a')], due: 'fs#2' },
    { name: 'no group before its volumes', ahead: [volume(2), volume(1), group], due: 'disk#2 disk#1' },
    {
      name: 'a group beside the volumes of another',
      ahead: [volume(1, 'other'), group],
      due: 'disk#1 disk#0',
    },
    { name: 'of the addresses in a namespace the first', ahead: [address(1), address(0)], due: 'ip#1' },
    { name: 'nothing that an earlier look serves', ahead: [mount(8, '/h'), mount(9, '/i')], due: 'fs#9' },
  ]
  test.each(cases)('$name', ({ ahead, due }) => {
    expect(
      dueAhead(service(ahead), ahead, ({ rid }) => rid === 'fs#8')
        .map(({ rid }) => rid)
        .join(' '),
    ).toBe(due)
  })
})

describe('where it does not hold', () => {
  let node: TestNode
  beforeEach(() => {
    node = fileNode()
  })
  afterEach(() => node.remove())

  const path = (rid: string): string => `${node.varDir}-${rid}`

  test('a start that failed tells what is there now', async () => {
    const start = ['sh', '-c', `touch ${path('ip#2')}; false`]
    const [first, failing, last] = ['ip#0', 'ip#1', 'ip#2'].map((rid) => resource(rid, 'file'))
    const of = service([first, { ...failing, keywords: { start } }, last] as Resource[])
    const { result } = await act(node, of, 'start')
    expect(statuses(result)).toBe('ip#2 up, ip#0 down, ip#1 down')
  })

  test('what stays up on every node is looked at in its turn: one makes the next', async () => {
    const standby = { standby: true }
    const makesNext = { keywords: { start: ['touch', path('fs#1'), path('fs#2')] } }
    const { log } = await act(node, files(standby, { ...standby, ...makesNext }, standby), 'prepare')
    expect(log.at(-1)).toBe('fs#2 info file fs#2 is already up')
  })

  test('what was looked at in the middle of another one’s command is looked at again', async () => {
    const command = ['sh', '-c', `sleep 0.5; rm ${path('fs#0')}`]
    const pre: Trigger = { when: 'pre', action: 'stop', blocking: true, command }
    const subset = 'p'
    const of = { ...files({}, { subset }, { subset, triggers: [pre] }), parallelSubsets: ['fs:p'] }
    await act(node, of, 'start')
    const { result, log } = await act(node, of, 'stop')
    expect(result.failure).toBeNull()
    expect(log.at(-1)).toBe('fs#0 info file fs#0 is already down')
  })

  test('nor where that command fails, and the stop goes on without it', async () => {
    node.remove()
    node = testNode([directory])
    const command = ['sh', '-c', `sleep 0.5; rm ${path('fs#0')}; false`]
    const pre: Trigger = { when: 'pre', action: 'stop', blocking: true, command }
    const more = { subset: 'p', optional: true, triggers: [pre] }
    const listed = (n: number, rest = {}) => resource(`fs#${n}`, 'listed', {}, rest)
    const of = service([listed(0), listed(1, { subset: 'p' }), listed(2, more)], {
      parallelSubsets: ['fs:p'],
    })
    await act(node, of, 'start')
    const { result, log } = await act(node, of, 'stop')
    expect(result.failure).toBeNull()
    expect(log.at(-1)).toBe('fs#0 info fs#0 is already down')
  })

  test('what was looked at with one that is undone, and was made by it, is looked at again', async () => {
    node.remove()
    node = testNode([half, directory])
    const of = service([resource('fs#0', 'half', {}, { optional: true }), resource('fs#1', 'listed')])
    const { result } = await act(node, of, 'start')
    expect(result.failure).toBeNull()
    expect([there(node, 'fs#0'), there(node, 'fs#1')]).toEqual([false, true])
  })

  test('nothing is looked at ahead of a command of the operator', async () => {
    const post: Trigger = { when: 'post', action: 'stop', blocking: true, command: ['touch', path('told')] }
    const triggers = [post]
    const of = files({}, { triggers }, { triggers })
    await act(node, of, 'start')
    const stat = node.io.files.stat
    const looks: string[] = []
    const watched = { ...node.io.files, stat: (one: string) => (looks.push(one.slice(-4)), stat(one)) }
    await act({ ...node, io: { ...node.io, files: watched } } as TestNode, of, 'stop')
    expect(looks.join(' ')).toBe('fs#2 fs#1 fs#0 fs#2 fs#1 fs#1 fs#0 fs#0')
  })
})
