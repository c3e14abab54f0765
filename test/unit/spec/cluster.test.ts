import { describe, expect, test } from 'vitest'
import {
  changeCluster,
  clusterText,
  parseCluster,
  takeCluster,
  withNode,
  withoutNode,
} from '../../../src/spec/cluster.js'

const TEXT = `# The cluster of Paris.
cluster:
  name: paris
  id: 5ca1ab1e
  nodes: node1 node2
node#node1:
  addresses: 192.0.2.1 [2001:db8::1]:1300 # two paths
`

function problemsOf(more: string): readonly string[] {
  const parsed = parseCluster({ text: TEXT + more, source: 'cluster.yaml' })
  return parsed.ok ? [] : (parsed.error.details ?? []).map((line) => line.replace(/^cluster\.yaml:/, ''))
}

test('a cluster with its defaults', () => {
  expect(parseCluster({ text: TEXT, source: 'cluster.yaml' })).toEqual({
    ok: true,
    value: {
      name: 'paris',
      id: '5ca1ab1e',
      nodes: [
        { name: 'node1', addresses: ['192.0.2.1', '[2001:db8::1]:1300'] },
        { name: 'node2', addresses: ['node2'] },
      ],
      witnesses: [],
      quorum: false,
      watchdog: { device: '/dev/watchdog', periodMs: 2000 },
      selfFence: 'stop',
      stopMaxMs: 2300,
      port: 1215,
      heartbeat: { profile: 'default', intervalMs: 500, timeoutMs: 5000, leaseMs: 2500 },
      pulsePaths: [],
      rejoinGraceMs: 30_000,
      claimLifeMs: 11_000,
      maxParallel: 10,
      statusIntervalMs: 60_000,
      targetTimeoutMs: 300_000,
      logMaxAgeMs: 30 * 86_400_000,
      logMaxLines: 200_000,
      hooks: [],
      fencing: {},
    },
  })
})

test.each<readonly [string, string, readonly string[]]>([
  [
    'without a device',
    'hb#1:\n  type: disk\n',
    ['8:1: hb#1 needs dev, such as dev: /dev/disk/by-id/wwn-0x5000c500a1b2c3d4'],
  ],
  [
    'of a kind that there is not',
    'hb#1:\n  type: dsik\n  dev: /dev/sdb\n',
    ['9:9: hb#1.type must be disk, unicast or multicast, not "dsik"; did you mean disk?'],
  ],
  [
    'for a group that is none',
    'hb#1:\n  type: multicast\n  address: 192.0.2.1\n',
    ['8:1: hb#1.address must be an IPv4 multicast group, such as 239.192.12.15, not "192.0.2.1"'],
  ],
  [
    'on a port that there is not',
    'hb#1:\n  type: unicast\n  port: 70000\n',
    ['8:1: hb#1.port must be 65535 or less, not 70000'],
  ],
  [
    'on a port that another one has',
    'hb#1:\n  type: unicast\nhb#2:\n  type: multicast\n',
    ['10:1: hb#2.port must be another one than that of hb#1, which has 1215'],
  ],
  [
    'on a third disk',
    [1, 2, 3].map((n) => `hb#${n}:\n  type: disk\n  dev: /dev/sd${n}\n`).join(''),
    ['14:1: hb#3: a cluster has at most 2 heartbeat disks'],
  ],
])('a heartbeat path %s is refused', (_, more, expected) => {
  expect(problemsOf(more)).toEqual(expected)
})

test('everything that may be set', () => {
  const more = `listener:
  port: 1300
heartbeat:
  interval: 100ms
  timeout: 400ms
node:
  max_parallel: 3
  rejoin_grace_period: 1s
  claim_life: 801ms
  status_interval: 5s
  target_timeout: 1m
log:
  max_age: 1d
  max_lines: 5000
hb#1:
  type: unicast
hb#2:
  type: multicast
  port: 1400
hook#mail:
  events: target_ended node_silent
  command: /bin/mail -s "an event" root
  timeout: 3s
`
  const parsed = parseCluster({ text: TEXT + more, source: 'cluster.yaml' })
  expect(parsed.ok && parsed.value).toMatchObject({
    port: 1300,
    heartbeat: { intervalMs: 100, timeoutMs: 400 },
    pulsePaths: [
      { name: 'hb#1', type: 'unicast', port: 1300 },
      { name: 'hb#2', type: 'multicast', port: 1400, group: '239.192.12.15' },
    ],
    rejoinGraceMs: 1000,
    claimLifeMs: 801,
    maxParallel: 3,
    statusIntervalMs: 5000,
    targetTimeoutMs: 60_000,
    logMaxAgeMs: 86_400_000,
    logMaxLines: 5000,
    hooks: [
      {
        name: 'mail',
        events: ['target_ended', 'node_silent'],
        command: ['/bin/mail', '-s', 'an event', 'root'],
        timeoutMs: 3000,
      },
    ],
  })
})

test('the claim life follows the timeout where none is set', () => {
  const parsed = parseCluster({ text: `${TEXT}heartbeat:\n  timeout: 10s\n`, source: 'x' })
  expect(parsed.ok && parsed.value.claimLifeMs).toBe(22_000)
})

describe('what is refused, and in which words', () => {
  test.each([
    ['clustr:\n  x: 1\n', '8:1: unknown section "clustr"; did you mean cluster?'],
    ['heartbeat:\n  intervall: 1s\n', '9:3: heartbeat has no keyword "intervall"; did you mean interval?'],
    ['heartbeat:\n  interval: 10ms\n', '9:13: heartbeat.interval must be 50ms or more, not "10ms"'],
    ['heartbeat:\n  timeout: soon\n', '9:12: heartbeat.timeout must be a duration such as 500ms, 30s or 1h30m, not "soon"'],
    ['heartbeat:\n  timeout: 1s\n', '9:12: heartbeat.timeout must be at least three times heartbeat.interval: 1s is less than 3 × 500ms = 1s500ms'],
    ['heartbeat:\n  interval: 2s\n', '8:1: heartbeat.timeout must be at least three times heartbeat.interval: 5s is less than 3 × 2s = 6s'],
    ['node:\n  claim_life: 10s\n', '9:15: node.claim_life must be more than twice heartbeat.timeout: 10s is not more than 2 × 5s = 10s'],
    ['node:\n  max_parallel: 0\n', '9:17: node.max_parallel must be 1 or more, not "0"'],
    ['node:\n  max_parallel@node1: 1\n', '9:3: node.max_parallel is the same on every node: it cannot carry @node1'],
    ['listener:\n  port: 70000\n', '9:9: listener.port must be 65535 or less, not 70000'],
    ['node#node3:\n  addresses: a\n', '8:1: section node#node3: node3 is neither among cluster.nodes nor among cluster.witnesses; to take a node out remove its section first: om cluster unset --kw node#node3; did you mean node1?'],
    ['node#node2:\n  addresses: 192.0.2\n', '9:14: node#node2.addresses: "192.0.2" is no address: a host name or IP address, such as 192.0.2.1, 192.0.2.1:1215 or [2001:db8::1]:1215'],
    ['node#node2:\n  addresses: 192.0.2.1:0\n', '9:14: node#node2.addresses: the port of 192.0.2.1:0 must be between 1 and 65535'],
    ['hook#1:\n  events: node_up\n  command: x\n', '9:11: hook#1.events: there is no event node_up; known: instance_status, instance_monitor, target_set, target_ended, node_silent, node_heard, *'],
    ['hook#1:\n  events: "*"\n', '8:1: hook#1 needs command, such as command: /usr/local/bin/notify --cluster'],
    ['hook#:\n  events: "*"\n', '8:1: section hook# needs a name after #, as in hook#1'],
  ])('%j', (more, expected) => {
    expect(problemsOf(more)).toEqual([expected])
  }) // prettier-ignore

  test.each([
    ['cluster:\n  name: paris\n  id: x\n', 'cluster needs nodes, such as nodes: node1 node2'],
    ['cluster:\n  name: paris\n  id: x\n  nodes: a a\n', 'cluster.nodes names a twice'],
    ['cluster:\n  name: paris\n  id: x\n  nodes: A/b\n', 'cluster.nodes: "A/b" cannot name a node: host names of lower case letters, digits, dashes and dots'],
    ['cluster:\n  name: Paris!\n  id: x\n  nodes: a\n', 'cluster.name must be lower case letters, digits, dashes and dots, 63 at most'],
    ['heartbeat: {}\n', 'cluster needs name, such as name: paris'],
  ])('%j', (text, expected) => {
    const parsed = parseCluster({ text, source: '' })
    expect(parsed.ok ? '' : parsed.error.details?.[0]).toBe(expected)
  }) // prettier-ignore
})

describe('addresses', () => {
  const accepted = (address: string) => problemsOf(`node#node2:\n  addresses: "${address}"\n`).length === 0
  test.each([
    '192.0.2.1',
    '192.0.2.1:1',
    'host.example.com',
    'host:65535',
    '2001:db8::1',
    '[2001:db8::1]',
    '[::1]:1215',
  ])('%s', (address) => {
    expect(accepted(address)).toBe(true)
  })
  test.each([
    '300.1.1.1',
    '1.2.3.4.5',
    'host:99999',
    'a:b',
    '-x',
    '[2001:db8::1',
    '2001:::1',
    'http://x',
    '[::1]:0',
  ])('not %s', (address) => {
    expect(accepted(address)).toBe(false)
  })
})

describe('edits', () => {
  test('a cluster is made, gets a node and loses one; comments stay', () => {
    const made = clusterText({ name: 'c', id: 'x', nodes: [{ name: 'a', addresses: ['192.0.2.1'] }], set: { 'listener.port': '1300' } })
    expect(made.ok && made.value).toBe('cluster:\n  name: c\n  id: x\n  nodes: a\nnode#a:\n  addresses: 192.0.2.1\nlistener:\n  port: 1300\n')
    const grown = withNode({ text: TEXT, source: 'x', node: 'node3', addresses: ['192.0.2.3'], role: 'node' })
    const text = TEXT.replace('node1 node2', 'node1 node2 node3')
    expect(grown.ok && grown.value).toBe(`${text}node#node3:\n  addresses: 192.0.2.3\n`)
    const again = withNode({ text: grown.ok ? grown.value : '', source: 'x', node: 'node3', addresses: [], role: 'node' })
    expect(again).toEqual(grown)
    expect(withoutNode({ text: grown.ok ? grown.value : '', source: 'x', node: 'node3', role: 'node' })).toEqual({ ok: true, value: TEXT })
  }) // prettier-ignore

  test('a witness comes and goes', () => {
    const grown = withNode({ text: TEXT, source: 'x', node: 'arbiter', addresses: ['192.0.2.9:1216'], role: 'witness' })
    const text = TEXT.replace('node1 node2', 'node1 node2\n  witnesses: arbiter')
    expect(grown.ok && grown.value).toBe(`${text}node#arbiter:\n  addresses: 192.0.2.9:1216\n`)
    const gone = withoutNode({ text: grown.ok ? grown.value : '', source: 'x', node: 'arbiter', role: 'witness' })
    const left = gone.ok ? parseCluster({ text: gone.value, source: 'x' }) : gone
    expect(left.ok && left.value).toMatchObject({ witnesses: [], nodes: [{ name: 'node1' }, { name: 'node2' }] })
  }) // prettier-ignore

  test('the last node cannot go', () => {
    const text = 'cluster:\n  name: c\n  id: x\n  nodes: a\n'
    const gone = withoutNode({ text, source: 'x', node: 'a', role: 'node' })
    expect(gone.ok ? '' : gone.error.message).toBe('cluster needs nodes, such as nodes: node1 node2')
  })

  test('a change that breaks a sum is refused with the numbers', () => {
    const changed = changeCluster({ text: TEXT, source: 'x', set: ['heartbeat.timeout=1s'], unset: [] })
    expect(changed.ok ? '' : changed.error.message).toBe(
      'heartbeat.timeout must be at least three times heartbeat.interval: 1s is less than 3 × 500ms = 1s500ms',
    )
  })
})

test('the id, which certificates carry, stays', () => {
  const sentence = 'cluster.id was drawn when the cluster was made and stays 5ca1ab1e'
  const set = changeCluster({ text: TEXT, source: '-', set: ['cluster.id=other'], unset: [] })
  expect(set.ok ? 'changed' : set.error.message).toBe(sentence)
  const given = takeCluster({ text: TEXT.replace('5ca1ab1e', 'other'), source: '-', inForce: TEXT })
  expect(given.ok ? 'taken' : given.error.message).toBe(sentence)
})

test('a whole text is refused at its own lines, and kept as YAML', () => {
  const json = (port: number): string =>
    `{"cluster": {"name": "paris", "id": "5ca1ab1e", "nodes": "node1"},\n "listener": {"port": ${port}}}`
  const refused = takeCluster({ text: json(0), source: '-', inForce: TEXT })
  expect(refused.ok ? 'taken' : refused.error.message).toMatch(/^standard input:2:23: listener.port must be/)
  const taken = takeCluster({ text: json(1300), source: '-', inForce: TEXT })
  expect(taken.ok && taken.value).toBe(
    'cluster:\n  name: paris\n  id: 5ca1ab1e\n  nodes: node1\nlistener:\n  port: 1300\n',
  )
})

describe('with quorum', () => {
  const quorum = TEXT.replace('node1 node2', 'node1 node2\n  witnesses: arbiter\n  quorum: on')
  const parse = (more: string): ReturnType<typeof parseCluster> =>
    parseCluster({ text: quorum + more, source: 'c' })

  test.each(['default', 'slow', 'fast'])('the profile %s satisfies every inequality', (profile) => {
    expect(parse(`heartbeat:\n  profile: ${profile}\n`)).toMatchObject({
      ok: true,
      value: {
        quorum: true,
        witnesses: [{ name: 'arbiter', addresses: ['arbiter'] }],
        heartbeat: { profile },
      },
    })
  })

  test.each([
    [
      'heartbeat:\n  lease: 1s\n',
      '11:10: heartbeat.lease must be at least three times heartbeat.interval and a round trip: 1s is less than 3 × 500ms + 100ms = 1s600ms',
    ],
    [
      'heartbeat:\n  timeout: 4s\n',
      '11:12: heartbeat.timeout must be long enough for a node without a lease to have stopped everything: lease 2s500ms / 0.99 + 50ms + stop_max 2s300ms = 4s876ms is more than timeout 4s / 1.01 = 3s960ms',
    ],
    [
      'node:\n  self_fence: watchdog\n  watchdog_period: 3s\n',
      '12:20: node.watchdog_period must be short enough to have reset a node without a lease before it is taken for dead: lease 2s500ms + watchdog_period 3s + 100ms = 5s600ms is more than timeout 5s × 0.98 = 4s900ms',
    ],
    [
      'heartbeat:\n  profile: fast\nnode:\n  self_fence: watchdog\n',
      '12:1: node.watchdog_period must be short enough to have reset a node without a lease before it is taken for dead: lease 600ms + watchdog_period 1s + 100ms = 1s700ms is more than timeout 1s500ms × 0.98 = 1s470ms',
    ],
    [
      'node:\n  self_fence: watchdog\n  watchdog_period: 1500ms\n',
      '12:20: node.watchdog_period must be whole seconds, not 1s500ms',
    ],
    [
      'node:\n  watchdog_dev: watchdog1\n',
      '11:17: node.watchdog_dev must be an absolute path without spaces, such as /dev/watchdog1, not "watchdog1"',
    ],
    ['node:\n  self_fence: shoot\n', '11:15: node.self_fence must be stop, reboot or watchdog, not "shoot"'],
    [
      'node#arbiter:\n  addresses: 300.1.1.1\n',
      '11:14: node#arbiter.addresses: "300.1.1.1" is no address: a host name or IP address, such as 192.0.2.1, 192.0.2.1:1215 or [2001:db8::1]:1215',
    ],
  ])('%j', (more, problem) => {
    const parsed = parse(more)
    expect(parsed.ok ? '' : parsed.error.details?.join('\n').replace(/^c:/, '')).toBe(problem)
  })

  test('who is a node already is no witness', () => {
    const twice = parseCluster({ text: quorum.replace('arbiter', 'node1'), source: 'c' })
    expect(twice.ok ? '' : twice.error.message).toMatch(/node1 is a node already, and a node votes by itself/)
  })
})
