import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Resource, Trigger } from '../../../src/core/service.js'
import type { View } from '../../../src/daemon/agent/action/view.js'
import { dueAhead, type Foresight } from '../../../src/daemon/agent/action/foresight.js'
import type { TestNode } from '../../drivers/node.js'
import { resource, service } from '../../drivers/sample.js'
import { act, fileNode, files, statuses } from './fixture.js'

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
    { name: 'nothing that was just looked at', ahead: [mount(8, '/h'), mount(9, '/i')], due: 'fs#9' },
  ]
  test.each(cases)('$name', ({ ahead, due }) => {
    const view = new Promise<View>(() => undefined)
    const seen: Foresight = new Map([
      ['fs#8', { view, untilMs: 1001 }],
      ['fs#9', { view, untilMs: 1000 }],
    ])
    expect(
      dueAhead(service(ahead), ahead, seen, 1000)
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
