import { describe, expect, test } from 'vitest'
import { askCreate } from '../../../src/core/request/create.js'
import { askLocal } from '../../../src/core/request/local.js'
import { askNode, type NodeAsk } from '../../../src/core/request/node.js'
import { askTarget, type TargetAsk } from '../../../src/core/request/target.js'
import type { Failure, Result } from '../../../src/core/result.js'
import type { World } from '../../../src/core/world.js'
import { worldOf } from '../../cases/world.js'

/** What an operator reads: the sentence of a refusal after `no: `, or of a grant. */
function sentence(result: Result<{ readonly message: string }, Failure>): string {
  return result.ok ? result.value.message : `no: ${result.error.message}`
}

const at = (short: object): World => worldOf({ why: 'ask', on: { node1: 'up', node2: 'down' }, ...short })
const target = (short: object, ask: Partial<TargetAsk>): Result<{ readonly message: string }> =>
  askTarget(at(short), {
    service: 'db1',
    action: 'start',
    node: null,
    timeMs: null,
    author: 'me',
    id: 't9',
    ...ask,
  })

const down = { on: { node1: 'down', node2: 'down' } }
const lost = { self: 'node2', silent: ['node1'] }
const frozenNode = { freeze: ['@node2'] }
const bare = { on: { node1: 'unprovisioned', node2: 'unprovisioned' } }

test.each<readonly [object, Partial<TargetAsk>, string]>([
  [{}, { service: 'db9' }, 'no: there is no service db9: svcmon shows those that there are'],
  [down, { action: 'start' }, 'service db1 target state set to started'],
  [{}, { action: 'start' }, 'service db1 is already started on node1'],
  [{}, { action: 'start', node: 'node2' }, 'service db1 target state set to placed@node2'],
  [
    { target: 'stopped' },
    { action: 'restart' },
    'no: service db1 is on its way to stopped: wait for it, or end it with: om db1 abort',
  ],
  [
    { on: { node1: { is: 'held', monitor: 'starting' }, node2: 'down' } },
    { action: 'stop' },
    'no: the instance of db1 on node1 is starting: wait for it to end',
  ],
  [{}, { action: 'stop' }, 'service db1 target state set to stopped'],
  [{ ...down, freeze: ['db1'] }, { action: 'stop' }, 'service db1 is already stopped'],
  [down, { action: 'stop' }, 'service db1 target state set to stopped'],
  [{}, { action: 'restart' }, 'service db1 target state set to restarted'],
  [down, { action: 'restart' }, 'no: service db1 is not up: start it with: om db1 start'],
  [{}, { action: 'switch' }, 'service db1 target state set to placed@node2'],
  [{}, { action: 'switch', node: 'node1' }, 'service db1 is already up on node1'],
  [{}, { action: 'switch', node: 'node9' }, 'no: node9 is not a member of db1: its nodes are node1, node2'],
  [
    { silent: ['node2'] },
    { action: 'switch', node: 'node2' },
    'no: db1 cannot be placed on node2: node2 is unreachable',
  ],
  [{ silent: ['node2'] }, { action: 'switch' }, 'no: no other node can take db1: node2 is unreachable'],
  [frozenNode, { action: 'switch' }, 'no: no other node can take db1: node node2 is frozen'],
  [{ freeze: ['db1', 'db1@node2'] }, { action: 'switch' }, 'service db1 target state set to placed@node2'],
  [
    { on: { node1: 'up', node2: 'start failed' } },
    { action: 'switch' },
    'service db1 target state set to placed@node2',
  ],
  [
    { on: { node1: 'up', node2: 'unprovisioned' } },
    { action: 'switch' },
    'no: no other node can take db1: node2 is not provisioned',
  ],
  [
    { nodes: ['node1'], on: { node1: 'up' } },
    { action: 'switch' },
    'no: no other node can take db1: it has no other member',
  ],
  [
    lost,
    { action: 'takeover' },
    'no: db1 may still be up on node1, which is not heard: bring it back, or if it is off run: om node confirm-off node1, then om db1 start',
  ],
  [{ self: 'node2' }, { action: 'takeover' }, 'service db1 target state set to placed@node2'],
  [
    { on: { node1: 'down', node2: 'up' } },
    { action: 'giveback' },
    'service db1 target state set to placed@node1',
  ],
  [{}, { action: 'giveback' }, 'service db1 is already up on node1'],
  [{ service: { disable: true } }, { action: 'giveback' }, 'no: no node can take db1 now'],
  [bare, { action: 'provision' }, 'service db1 target state set to provisioned'],
  [{}, { action: 'provision' }, 'service db1 is already provisioned'],
  [
    { ...bare, service: { disable: true } },
    { action: 'provision' },
    'no: no node can provision db1: db1 is disabled (run: om db1 enable)',
  ],
  [{}, { action: 'unprovision' }, 'service db1 target state set to unprovisioned'],
  [
    lost,
    { action: 'unprovision' },
    'no: db1 may be up on node1, which is not heard: nothing is unmade until it is back',
  ],
  [{}, { action: 'purge' }, 'service db1 target state set to purged'],
  [
    lost,
    { action: 'purge' },
    'no: db1 may be up on node1, which is not heard: nothing is unmade until it is back',
  ],
  [
    {},
    { action: 'delete' },
    'no: db1 is not down on node1: stop it first (om db1 stop), or run: om db1 purge',
  ],
  [
    { ...down, target: 'started' },
    { action: 'delete' },
    'no: service db1 is on its way to started: wait for it, or end it with: om db1 abort',
  ],
  [down, { action: 'delete' }, 'service db1 deleted'],
  [{}, { action: 'freeze' }, 'service db1 frozen'],
  [{ freeze: ['db1'] }, { action: 'thaw' }, 'service db1 thawed'],
  [{}, { action: 'clear' }, 'failed states of db1 cleared'],
  [{ target: 'placed@node2' }, { action: 'abort' }, 'service db1 target state placed@node2 aborted'],
  [{}, { action: 'abort' }, 'service db1 has no target state to abort'],
])('where %j, %j: %s', (short, ask, expected) => {
  expect(sentence(target(short, ask))).toBe(expected)
})

describe('what an ask writes', () => {
  const writes = (short: object, ask: Partial<TargetAsk>): readonly string[] => {
    const granted = askTarget(at(short), {
      service: 'db1',
      action: 'start',
      node: null,
      timeMs: null,
      author: 'me',
      id: 't9',
      ...ask,
    })
    if (!granted.ok) throw new Error(granted.error.message)
    return granted.value.writes.map(({ kind, name, value }) =>
      kind === 'target'
        ? `${kind} ${name} ${value.target.kind} ${value.end?.how ?? 'set'}`
        : `${kind} ${name} ${typeof value === 'boolean' ? value : 'text'}`,
    )
  }
  test.each<readonly [string, object, Partial<TargetAsk>, readonly string[]]>([
    ['stop freezes', {}, { action: 'stop' }, ['freeze db1 true', 'clear db1 true', 'target db1 stopped set']],
    [
      'switch thaws what is frozen, nodes apart',
      { freeze: ['db1', 'db1@node2', '@node1'] },
      { action: 'switch' },
      ['freeze db1 false', 'freeze db1@node2 false', 'clear db1 true', 'target db1 placed set'],
    ],
    ['start of what is up only thaws', { freeze: ['db1'] }, { action: 'start' }, ['freeze db1 false']],
    ['abort ends the target', { target: 'started' }, { action: 'abort' }, ['target db1 started aborted']],
    ['delete leaves a tombstone', down, { action: 'delete' }, ['config db1 text']],
  ])('%s', (_, short, ask, expected) => {
    expect(writes(short, ask)).toEqual(expected)
  })

  test('a target has the time it was given, or the cluster default', () => {
    const deadline = (timeMs: number | null): number | undefined => {
      const world = at(down)
      const granted = askTarget(world, {
        service: 'db1',
        action: 'start',
        node: null,
        timeMs,
        author: 'me',
        id: 't9',
      })
      const write = granted.ok ? granted.value.writes.find(({ kind }) => kind === 'target') : undefined
      return write?.kind === 'target' ? write.value.deadlineWallMs - world.wallMs : undefined
    }
    expect([deadline(1000), deadline(null)]).toEqual([1000, 300_000])
  })
})

describe('a local action', () => {
  const selection = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }
  test.each<readonly [object, string, string | null]>([
    [{}, 'db9', 'there is no service db9: svcmon shows those that there are'],
    [{ self: 'node3', former: ['node3'] }, 'db1', 'node3 is not a member of db1: its nodes are node1, node2'],
    [{ on: {} }, 'db1', 'the first look at the resources of db1 is under way: try again in a moment'],
    [
      { target: 'started' },
      'db1',
      'service db1 is on its way to started: wait for it, or end it with: om db1 abort',
    ],
    [{ running: { action: 'stop' } }, 'db1', 'a stop of db1 is under way on node1: wait for it to end'],
    [{ order: 'start' }, 'db1', 'a local action of db1 is under way on node1: wait for it to end'],
    [{}, 'db1', null],
  ])('where %j, of %s: %s', (short, service, expected) => {
    const asked = askLocal(at(short), service, { id: 'o9', action: 'start', selection })
    expect(asked.ok ? null : asked.error.message).toBe(expected)
  })
})

describe('of a node', () => {
  const id = (service: string): string => `t-${service}`
  test.each<readonly [object, Partial<NodeAsk>, string]>([
    [{}, { node: 'node9' }, "no: there is no node node9: the cluster's nodes are node1, node2"],
    [{}, { action: 'freeze' }, 'node node1 frozen'],
    [{}, { action: 'thaw' }, 'node node1 thawed'],
    [{}, { action: 'drain' }, 'node node1 frozen, 1 service moves away'],
    [
      frozenNode,
      { action: 'drain' },
      'node node1 frozen, 0 services move away; no other node can take db1 now: it stays',
    ],
    // By an earlier drain.
    [{ target: 'placed@node2' }, { action: 'drain' }, 'node node1 frozen, 1 service moves away'],
    [
      { target: 'placed@node1' },
      { action: 'drain' },
      'node node1 frozen, 0 services move away; db1 is on its way to placed@node1: drain again once it has ended',
    ],
    [{}, { action: 'confirm-off' }, 'no: this command runs on node1, so node1 is not off'],
    [
      {},
      { action: 'confirm-off', node: 'node2' },
      'no: node2 is heard: it is not off. Power it off first, and wait until svcmon shows it as unreachable',
    ],
    [
      { silent: ['node2'] },
      { action: 'confirm-off', node: 'node2' },
      'node node2 is declared off: its services may start elsewhere',
    ],
    // Taken out of the cluster with the service still held.
    [
      { former: ['node3'], left: ['node3'] },
      { action: 'confirm-off', node: 'node3' },
      'node node3 is declared off: its services may start elsewhere',
    ],
    [
      { former: ['node3'], left: ['node3'] },
      { action: 'drain', node: 'node3' },
      "no: there is no node node3: the cluster's nodes are node1, node2",
    ],
  ])('where %j, %j: %s', (short, ask, expected) => {
    expect(sentence(askNode(at(short), { action: 'freeze', node: 'node1', author: 'me', id, ...ask }))).toBe(
      expected,
    )
  })
})

describe('a new service', () => {
  const create = (world: World, text: string, deploy: boolean): string => {
    const service = world.services['db1']?.service
    if (service === undefined) throw new Error('the world has db1')
    return sentence(askCreate(world, { service, text, deploy, id: 't9', author: 'me' }))
  }
  const known = (short: object): World => {
    const world = at(short)
    const stamp = { wallMs: 1, count: 0, node: 'node1' }
    const config = { kind: 'config', name: 'db1', stamp, value: { text: 'same', author: 'me' } } as const
    return { ...world, registers: { ...world.registers, 'config/db1': config } }
  }
  test.each<readonly [string, World, string, boolean, string]>([
    ['is created', at({}), 'text', false, 'service db1 created'],
    ['is deployed', at(bare), 'text', true, 'service db1 target state set to provisioned'],
    [
      'is deployed nowhere',
      at({ states: { node1: 'booting', node2: 'booting' } }),
      'text',
      true,
      'no: none of the nodes of db1 is heard and ready: node1, node2',
    ],
    ['is there already, the same', known({}), 'same', false, 'service db1 is already so'],
    ['is there already, provisioned and up', known({}), 'same', true, 'service db1 is already so'],
    ['is there already, and down', known(down), 'same', true, 'service db1 target state set to started'],
    [
      'is there already, and not provisioned',
      known(bare),
      'same',
      true,
      'service db1 target state set to provisioned',
    ],
    [
      'is there already, another one',
      known({}),
      'other',
      true,
      "no: service db1 is there already, with another configuration: change it with 'om db1 set --kw …' or 'om db1 edit config'",
    ],
  ])('%s', (_, world, text, deploy, expected) => {
    expect(create(world, text, deploy)).toBe(expected)
  })
})
