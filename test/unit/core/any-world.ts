import * as fc from 'fast-check'
import type { World } from '../../../src/core/world.js'
import { nowMs, worldOf } from '../../cases/world.js'

const nodes = ['node1', 'node2', 'node3']
const some = (names: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...names])
const status = fc.constantFrom('up', 'down', 'warn', 'stdby up', 'stdby down', 'n/a', 'undef')
const often = <T>(usual: T, ...rare: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(usual, ...rare) },
  )

const claim = (node: string): object => ({
  kind: 'claimed',
  generation: 2,
  precedence: { rank: nodes.indexOf(node), node },
  since: 10,
})

const instance = (node: string): fc.Arbitrary<object | null> =>
  fc.option(
    fc.record(
      {
        is: fc.constantFrom('down', 'up', 'held', 'broken', 'start failed', 'stop failed', 'unprovisioned'),
        monitor: often(
          'idle',
          'start failed',
          'stop failed',
          'wait parents',
          'wait children',
          'wait priors',
          'starting',
        ),
        place: fc.constantFrom<object>({ kind: 'none' }, claim(node), {
          kind: 'held',
          generation: 1,
          since: 4,
        }),
        avail: status,
        started: fc.boolean(),
        provisioned: fc.boolean(),
        configVersion: often('db1-1', 'db1-0'),
        doneTarget: often<string | null>(null, 't1'),
        preparedFor: often<string | null>(null, 't1'),
        statuses: fc.record({ 'fs#1': status, 'container#0': status }),
      },
      { requiredKeys: ['is'] },
    ),
    { freq: 8 },
  )

const shared = {
  service: fc.record({
    orchestrate: fc.constantFrom('no', 'start', 'ha'),
    onDuplicate: fc.constantFrom('stop oldest', 'stop newest', 'placement', 'freeze'),
    monitorAction: fc.constantFrom('none', 'switch', 'freezestop', 'reboot'),
    placement: often('nodes order', 'load avg', 'none'),
    parents: often<string[]>([], ['web'], ['db1'], ['web@node2'], ['nobody']),
    children: often<string[]>([], ['web'], ['db1'], ['web@node2'], ['nobody']),
    disable: often(false, true),
  }),
  resources: fc.constantFrom(
    [{}],
    [{ restart: 2, monitor: true }],
    [{ restart: 1 }, { rid: 'container#0', group: 'container', exclusive: false }],
    [{}, { rid: 'container#0', group: 'container', exclusive: false, standby: true, restart: 1 }],
  ),
  on: fc
    .tuple(...nodes.map((node) => fc.tuple(fc.constant(node), instance(node))))
    .map((entries) => Object.fromEntries(entries.filter(([, is]) => is !== null))),
  former: fc.constantFrom([], [], ['node4']),
}

/** Evictions for the claim of this node, and for one of another node. */
const voting = {
  quorum: fc.boolean(),
  witnesses: often<string[]>([], ['arbiter']),
  lease: often('valid', 'none', 'lapsed'),
  leaseless: fc.dictionary(fc.constantFrom('node2', 'node3'), fc.integer({ min: 0, max: 10_000 }), {
    maxKeys: 2,
  }),
  evictions: fc.dictionary(
    fc.constantFrom(...nodes, 'arbiter'),
    fc.subarray(['node2', 'node3', 'node4', 'node2 for node3', 'node3 for node2']),
    { maxKeys: 4 },
  ),
}

/** Any world that the types allow, within reach: three nodes, two services, and everything about them at random. */
export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    why: fc.constant('any'),
    self: fc.constantFrom('node1', 'node2'),
    nodes: fc.constant(nodes),
    ...shared,
    also: fc.record({ web: fc.record({ ...shared, former: fc.constant([]) }) }),
    ...voting,
    silent: some(nodes),
    answered: some([...nodes, 'node4']),
    hears: fc.dictionary(fc.constantFrom(...nodes), some(nodes)),
    states: fc.dictionary(
      fc.constantFrom(...nodes),
      fc.constantFrom('booting', 'idle', 'draining', 'maintenance', 'left'),
      { maxKeys: 1 },
    ),
    load: fc.dictionary(fc.constantFrom(...nodes), fc.nat(5)),
    freeze: often<string[]>([], ['db1'], ['@node1'], ['db1@node2']),
    off: fc.dictionary(fc.constantFrom(...nodes), fc.constantFrom('newest', 'older'), { maxKeys: 1 }),
    target: often<string | null>(
      null,
      'started',
      'stopped',
      ...['placed', 'restarted', 'provisioned', 'unprovisioned', 'purged'].flatMap((kind) =>
        nodes.map((node) => `${kind}@${node}`),
      ),
    ),
    ended: often<string | null>(null, 'met', 'failed', 'aborted'),
    late: often(false, true),
    unaware: some(nodes),
    order: often<string | null>(null, 'start', 'stop', 'restart', 'provision', 'unprovision'),
    running: often<object | null>(null, { action: 'start', target: 't1' }, { action: 'stop' }),
    boot: often('done', 'probing', 'holding'),
    leaving: often(false, true),
    maxParallel: fc.constantFrom(0, 1, 10),
    check: fc.constantFrom(
      null,
      'asked',
      'silent',
      'silent a while ago',
      'answered',
      'unchecked',
      'for an older claim',
    ),
    claimAgeMs: fc.constantFrom(200, 10_999, 11_000),
    claimAfterMs: fc.constantFrom(0, 300),
    local: fc.record({
      released: fc.boolean(),
      foundAtBoot: often(false, true),
      restarts: often<object>({}, { 'fs#1': { count: 1, lastMs: nowMs - 400, upSinceMs: null } }),
      userStopped: often<string[]>([], ['fs#1']),
      preparedFor: often<string | null>(null, 't1'),
      generation: fc.nat(9),
    }),
  })
  .map(worldOf)

const peer = (node: string): fc.Arbitrary<object> =>
  often<object>(
    { is: 'down' },
    { is: 'up' },
    { is: 'held' },
    { is: 'down', configVersion: 'db1-0' },
    { is: 'down', place: claim(node) },
    { is: 'down', place: { ...claim(node), precedence: { rank: 0, node: 'node0' } } },
  )

/** Worlds in which node1 has a claim standing that it still wants, and one thing or another may be in its way. */
export const claimingWorld: fc.Arbitrary<World> = fc
  .record({
    why: fc.constant('claiming'),
    nodes: fc.constant(nodes),
    service: fc.constant({ orchestrate: 'ha' }),
    former: fc.constantFrom([], ['node4']),
    on: fc.record(
      { node1: fc.constant('claimed'), node2: peer('node2'), node3: peer('node3'), node4: peer('node4') },
      { requiredKeys: ['node1', 'node2'] },
    ),
    order: often<string | null>(null, 'start'),
    ...voting,
    evictions: fc.oneof(
      voting.evictions,
      fc.constantFrom(
        { node1: ['node2'], node3: ['node2'] },
        { node1: ['node2', 'node3'], arbiter: ['node2', 'node3'], node3: ['node2'] },
      ),
    ),
    silent: fc.subarray(['node2', 'node3', 'node4', 'arbiter']),
    answered: fc.subarray([...nodes, 'node4'], { minLength: 2 }),
    hears: often<object>(
      {},
      { node2: ['node3'] },
      { node3: ['node2'] },
      { node2: ['node1'], node3: ['node1'] },
    ),
    states: often<object>({}, { node2: 'left' }, { node2: 'maintenance' }),
    off: often<object>({}, { node2: 'newest' }, { node3: 'older' }),
    check: fc.constantFrom(
      null,
      'asked',
      'silent',
      'silent',
      'silent a while ago',
      'answered',
      'unchecked',
      'for an older claim',
    ),
    claimAgeMs: often(200, 11_000),
  })
  .map(worldOf)
