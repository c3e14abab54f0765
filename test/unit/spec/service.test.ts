import { describe, expect, test } from 'vitest'
import { parseService } from '../../../src/spec/service.js'
import { configOf, on, problemsOf, serviceText } from './setting.js'

const FLAG = 'fs#1:\n  type: flag\n'

const REFUSED: readonly (readonly [string, string])[] = [
  ['', ' the configuration is empty: a service has at least one section'],
  ['fs#1:\n  type: xsf\n', '2:9: fs#1.type must be one of xfs, ext4, btrfs, tmpfs, bind, nfs, directory, flag, not "xsf"; did you mean xfs?'],
  ['fs#1:\n  mnt: /x\n', '1:1: fs#1 needs type: one of xfs, ext4, btrfs, tmpfs, bind, nfs, directory, flag'],
  ['fs:\n  type: flag\n', '1:1: section fs needs a name after fs, as in fs#1'],
  ['contaner#1:\n  image: x\n', '1:1: unknown section "contaner#1"; did you mean container?'],
  ['blah: {}\n', '1:1: unknown section "blah"; known: DEFAULT, env, subset, ip, disk, fs, container, app'],
  ['sync#1:\n  type: rsync\n', '1:1: sync#1: sync resources are not written; sync#i0, which replicates the configuration, is always there'],
  ['"fs#a b":\n  type: flag\n', '1:1: "fs#a b": the name after # is letters, digits, _, . and -'],
  ['subset#foo:\n  parallel: true\n', '1:1: section subset#foo must name a group and a part of it, as in subset#fs:data'],
  [`${FLAG}  mtn: /x\n`, '3:3: fs#1 (fs.flag) has no keyword "mtn": \'om help fs.flag\' lists those there are'],
  ['fs#1:\n  type: xfs\n  dev: /dev/x\n  mtn: /x\n  mnt: /x\n', '4:3: fs#1 (fs.xfs) has no keyword "mtn"; did you mean mnt?'],
  ['fs#1:\n  type: xfs\n  mnt: /x\n', '1:1: fs#1 needs dev, such as dev: /dev/{svcname}/data'],
  ['fs#1:\n  type: xfs\n  mnt: /x\n  dev@node1: /dev/x\n', '1:1: fs#1 needs dev on node2, such as dev: /dev/{svcname}/data'],
  ['fs#1:\n  type: xfs\n  mnt: x\n  dev: /dev/x\n', '3:8: fs#1.mnt must be an absolute path, not "x"'],
  ['fs#1:\n  type: tmpfs\n  mnt: "{env.m}"\nenv:\n  m: x\n', '3:8: fs#1.mnt must be an absolute path, not "x" (from {env.m})'],
  [`DEFAULT:\n  nods: node1\n${FLAG}`, '2:3: DEFAULT has no keyword "nods"; did you mean nodes?'],
  [`DEFAULT:\n  nodes: node1 node4\n${FLAG}`, '2:10: DEFAULT.nodes: node4 is no node of this cluster; did you mean node1?'],
  [`DEFAULT:\n  nodes: "{nodename}"\n${FLAG}`, '2:10: {nodename} has no single value here: it differs from node to node'],
  [`DEFAULT:\n  orchestrate: hq\n${FLAG}`, '2:16: DEFAULT.orchestrate must be no, start or ha, not "hq"; did you mean ha?'],
  [`DEFAULT:\n  topology: flex\n${FLAG}`, '2:13: DEFAULT.topology must be failover, not "flex"'],
  [`DEFAULT:\n  priority@node1: 3\n${FLAG}`, '2:3: DEFAULT.priority is the same on every node: it cannot carry @node1'],
  [`DEFAULT:\n  priority: high\n${FLAG}`, '2:13: DEFAULT.priority must be a whole number, not "high"'],
  [`DEFAULT:\n  priority: -1\n${FLAG}`, '2:13: DEFAULT.priority must be 0 or more, not "-1"'],
  [`DEFAULT:\n  rollback: perhaps\n${FLAG}`, '2:13: DEFAULT.rollback must be true or false, not "perhaps"'],
  [`DEFAULT:\n  parents: db1\n${FLAG}`, '2:12: DEFAULT.parents names the service itself'],
  [`DEFAULT:\n  children: a@node4\n${FLAG}`, '2:13: DEFAULT.children holds a@node4: node4 is no node of this cluster; did you mean node1?'],
  [`DEFAULT:\n  children: A\n${FLAG}`, '2:13: DEFAULT.children holds "A": "A" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends'],
  [`${FLAG}  restart_delay: -1\n`, '3:18: fs#1.restart_delay must be a duration such as 500ms, 30s or 1h30m, not "-1"'],
  [`${FLAG}  timeout: 1ms\n`, '3:12: fs#1.timeout must be 100ms or more, not "1ms"'],
  [`${FLAG}  tags@nod1: a\n`, '3:3: fs#1.tags@nod1: nod1 is no node of this cluster; did you mean node1?'],
  [`${FLAG}  pre_start: "a 'b"\n`, '3:14: fs#1.pre_start must be shell words, with every quote closed, not "a \'b"'],
  [`${FLAG}  start_requires: fs#2\n`, '3:19: fs#1.start_requires names fs#2, which this service does not have'],
  [`${FLAG}  start_requires: fs#1\n`, '3:19: fs#1.start_requires names fs#1, which this service does not have'],
  [`${FLAG}  start_requires: fs#2(\nfs#2:\n  type: flag\n`, '3:19: fs#1.start_requires must be resources with states, such as fs#1(up,stdby up), and "fs#2(" is none'],
  [`${FLAG}  start_requires: fs#2(upp)\nfs#2:\n  type: flag\n`, '3:19: fs#1.start_requires asks for the state "upp" of fs#2; did you mean up?'],
  ['disk#1:\n  type: lv\n  vg: v\n  name: l\n  size: 200%FREE\n', '5:9: disk#1.size must be at most 100 percent, not "200%FREE"'],
  ['disk#1:\n  type: lv\n  vg: v\n  name: l\n  size: lots\n', '5:9: disk#1.size must be a size such as 10GiB, or a percentage such as 100%FREE, not "lots"'],
  ['fs#1:\n  type: tmpfs\n  mnt: /x\n  perm: 999\n', '4:9: fs#1.perm must be octal permissions such as 0750, not "999"'],
  ['ip#1:\n  ipname: a\n  name: b\n  dev: eth0\n', '3:3: ip#1.name is the same as ip#1.ipname in line 2'],
  ['ip#1:\n  ipname: a\n  ipdev: eth0\n  netmask: /24\n', '4:12: ip#1.netmask must be a prefix length or a dotted mask, not "/24"'],
  ['ip#1:\n  type: netns\n  ipname: a\n  ipdev: eth0\n  netns: container#0\n', '5:10: ip#1.netns names container#0, which is no container of this service'],
  ['ip#1:\n  type: netns\n  ipname: a\n  ipdev: eth0\n  netns: container#0\n  mode: ipvlan-l3s\ncontainer#0:\n  image: a\n', '6:9: ip#1.mode must be bridge, macvlan, ipvlan-l2, ipvlan-l3 or dedicated, not "ipvlan-l3s"; did you mean ipvlan-l3?'],
  ['container#1:\n  image: a\n  netns: container#1\n', '3:10: container#1.netns names the container itself'],
  ['container#1:\n  image: a\n  netns: bridge\n', '3:10: container#1.netns must be none, host or the id of a container resource, not "bridge"'],
  ['container#1:\n  image: a\n  netns: container#2\ncontainer#2:\n  image: b\n  netns: container#1\n', '3:10: container#1.netns goes round in a circle: container#1 → container#2 → container#1'],
  ['container#0:\n  image: a\ncontainer#1:\n  type: podman\n  image: b\n  netns: container#0\n', '6:10: container#1.netns names container#0, which docker runs: a container shares namespaces with containers of its own engine (podman) alone; give both the same type'],
  ['fs#1:\n  type: tmpfs\n  mnt: /x\nfs#2:\n  type: tmpfs\n  mnt: /x/\n', '6:8: fs#2.mnt is /x/, and fs#1 has the same'],
  ['ip#1:\n  ipname: a\n  ipdev: eth0\nip#2:\n  name: a\n  dev: eth1\n', '5:9: ip#2.ipname is a, and ip#1 has the same'],
  ['app#1:\n  start: /x\n  retcodes: 0:fine\n', '3:13: app#1.retcodes must be exit codes with their status, such as 0:up 1:down, not "0:fine"'],
  [`${FLAG}env:\n  a.b: x\n`, '4:3: env: "a.b" is no name that a reference could spell: letters, digits, _ and -, beginning with a letter'],
] // prettier-ignore

describe('what is refused, and in which words', () => {
  test.each(REFUSED)('%j', (text, expected) => {
    expect(problemsOf(text)[0]).toBe(expected)
  }) // prettier-ignore

  test('all problems are told at once, in the order of the text; the first is the message', () => {
    const text = 'DEFAULT:\n  orchestrate: x\nfs#1:\n  type: tmpfs\n  mnt: x\nfs#2: {}\n'
    const parsed = parseService(serviceText(text, { source: '-' }))
    expect(parsed.ok ? null : [parsed.error.message, parsed.error.details]).toEqual([
      'standard input:2:16: DEFAULT.orchestrate must be no, start or ha, not "x" (and 2 more problems)',
      [
        'standard input:2:16: DEFAULT.orchestrate must be no, start or ha, not "x"',
        'standard input:5:8: fs#1.mnt must be an absolute path, not "x"',
        'standard input:6:1: fs#2 needs type: one of xfs, ext4, btrfs, tmpfs, bind, nfs, directory, flag',
      ],
    ])
  })

  test('what is wrong on one node only is found, whichever node looks', () => {
    expect(problemsOf('fs#1:\n  type: tmpfs\n  mnt: /x\n  size: 1g\n  size@node3: much\n')).toEqual([
      '5:15: fs#1.size must be a size such as 512m, 10GiB or 10GB, not "much"',
    ])
  })
})

describe('names', () => {
  test.each(['db1', 'a', '1', 'my-db.prod', 'x'.repeat(63)])('%s may name a service', (name) => {
    expect(problemsOf(FLAG, { name })).toEqual([])
  })

  test.each([
    ['', 'a service needs a name'],
    [
      'a/b',
      '"a/b" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    [
      'DB1',
      '"DB1" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    [
      'fs#1',
      '"fs#1" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    [
      '..',
      '".." cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    [
      'a..b',
      '"a..b" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    [
      '-a',
      '"-a" cannot name a service: lower case letters, digits, dashes and dots, with a letter or digit at both ends',
    ],
    ['node', 'a service cannot be called node: the word has another meaning for om'],
    ['x'.repeat(64), `"${'x'.repeat(64)}" is too long for a service: a name has 63 characters at most`],
  ])('%j may not', (name, why) => {
    expect(problemsOf(FLAG, { name })).toEqual([why])
  })
})

describe('members', () => {
  test.each([
    ['', ['node1', 'node2', 'node3']],
    ['DEFAULT:\n  nodes: node3 node1\n', ['node3', 'node1']],
    ['DEFAULT:\n  nodes: "*"\n', ['node1', 'node2', 'node3']],
    ['DEFAULT:\n  nodes: node2,node[13]\n', ['node2', 'node1', 'node3']],
    ['DEFAULT:\n  nodes: node? node1\n', ['node1', 'node2', 'node3']],
    ['DEFAULT:\n  nodes: "{env.first} {clusternodes}"\nenv:\n  first: node2\n', ['node2', 'node1', 'node3']],
  ])('%j gives %j', (text, nodes) => {
    expect(configOf(FLAG + text).nodes).toEqual(nodes)
  })

  test('a configuration in force outlives a node that left the cluster', () => {
    const text = `DEFAULT:\n  nodes: gone node2\n${FLAG}  tags@gone: x\n  standby: gone\n`
    expect(problemsOf(text).length).toBe(3)
    expect(configOf(text, { unknownNodes: 'leave out' }).nodes).toEqual(['node2'])
    expect(problemsOf(`DEFAULT:\n  nodes: gone\n${FLAG}`, { unknownNodes: 'leave out' })).toEqual([
      '2:10: DEFAULT.nodes names no node of this cluster',
    ])
  })

  test('a node that is no member sees the service as the first member does', () => {
    const text = `DEFAULT:\n  nodes: node2 node3\n${FLAG}env:\n  who: "{nodename}"\n`
    expect(['node1', 'node2', 'node3'].map((node) => on(node, text).env['who'])).toEqual([
      'node2',
      'node2',
      'node3',
    ])
  })
})

const resource = (text: string, rid: string) => on('node1', text).resources.find((each) => each.rid === rid)

test.each([
  ['app#1:\n  start: /x\n', 'app#1', 'forking'],
  ['container#1:\n  image: x\n', 'container#1', 'docker'],
  ['ip#1:\n  name: a\n  dev: b\n', 'ip#1', 'host'],
  ['disk#1:\n  vgname: a\n', 'disk#1', 'vg'],
])('%j: %s is of type %s where none is written', (text, rid, type) => {
  expect(resource(text, rid)?.type).toBe(type)
})

test('keywords are converted by their type, and every keyword of the driver is there', () => {
  const text =
    'fs#1:\n  type: xfs\n  dev: "{env.dev}"\n  mnt: /srv/{svcname}\n  perm: 0750\n  mkfs_opt: -L "my disk"\nenv:\n  dev: /dev/sdb\n'
  expect(resource(text, 'fs#1')?.keywords).toEqual({
    check_read: false,
    dev: '/dev/sdb',
    group: null,
    kill_holders: false,
    mkfs_opt: ['-L', 'my disk'],
    mnt: '/srv/db1',
    mnt_opt: null,
    perm: 0o750,
    stat_timeout: 5000,
    user: null,
  })
})

test('common keywords become the resource’s own properties', () => {
  const text = `${FLAG}  subset: a
  tags: x,y
  monitor: true
  shared: yes
  restart: 3
  restart_delay: 2s
  provision: false
  timeout: 1m
  stop_timeout: 90s
  comment: words
  pre_start: /bin/a "b c"
  blocking_post_stop: /bin/d {rid} {nodename}
  start_requires: fs#2(up,stdby up) fs#3
  stop_requires: fs#2(down)
fs#2:
  type: flag
fs#3:
  type: flag
`
  expect(resource(text, 'fs#1')).toEqual({
    rid: 'fs#1',
    group: 'fs',
    type: 'flag',
    keywords: {},
    subset: 'a',
    tags: ['x', 'y'],
    disable: false,
    optional: false,
    monitor: true,
    standby: false,
    shared: true,
    restart: 3,
    restartDelayMs: 2000,
    provision: false,
    unprovision: true,
    timeouts: { start: 60_000, stop: 90_000, provision: 60_000, unprovision: 60_000, status: 60_000 },
    triggers: [
      { when: 'pre', action: 'start', blocking: false, command: ['/bin/a', 'b c'] },
      { when: 'post', action: 'stop', blocking: true, command: ['/bin/d', 'fs#1', 'node1'] },
    ],
    requires: [
      { action: 'start', rid: 'fs#2', states: ['up', 'stdby up'] },
      { action: 'start', rid: 'fs#3', states: ['up', 'stdby up'] },
      { action: 'stop', rid: 'fs#2', states: ['down'] },
    ],
    exclusive: true,
    identity: '',
    comment: 'words',
  })
})

test('a container’s own waits and its pull are inside the time limit of its actions', () => {
  const text = 'container#1:\n  image: x\n  pull_timeout: 1m\n  start_timeout: 10s\n  stop_timeout: 2m\n'
  const { timeouts, keywords } = resource(text, 'container#1') ?? {}
  expect([timeouts?.start, timeouts?.stop, keywords?.['stop_timeout']]).toEqual([100_000, 150_000, 120_000])
})

test('the replication of the configuration is the last resource, optional and never exclusive', () => {
  const last = on('node1', FLAG).resources.at(-1)
  expect([last?.rid, last?.group, last?.type, last?.optional, last?.exclusive]).toEqual([
    'sync#i0',
    'sync',
    'config',
    true,
    false,
  ])
})

test('parallel subsets are named by group and part', () => {
  const text = `${FLAG}subset#fs:a:\n  parallel: true\nsubset#fs:b:\n  parallel: false\n`
  expect(on('node1', text).parallelSubsets).toEqual(['fs:a'])
})

test('tag noaction makes a resource optional', () => {
  expect(resource(`${FLAG}  tags: noaction\n`, 'fs#1')?.optional).toBe(true)
})

describe('exclusive', () => {
  const IP = 'ip#0:\n  type: netns\n  ipname: a\n  ipdev: b\n  netns: container#0\n'
  const holder = (more: string) => `${IP}container#0:\n  image: pause\n${more}`

  test.each([
    ['a flag', FLAG, 'fs#1', true],
    ['a directory', 'fs#1:\n  type: directory\n  path: /x\n', 'fs#1', false],
    ['a standby resource', `${FLAG}  standby: true\n`, 'fs#1', false],
    ['a resource that is standby elsewhere', `${FLAG}  standby: node2\n`, 'fs#1', true],
    ['a container', 'container#0:\n  image: x\n', 'container#0', true],
    ['a container that holds a namespace', holder(''), 'container#0', false],
    ['one with a volume', holder('  volume_mounts: /a:/b\n'), 'container#0', true],
    ['one with -v', holder('  run_args: -v /a:/b\n'), 'container#0', true],
    ['one with -itv', holder('  run_args: -itv /a:/b\n'), 'container#0', true],
    ['one with --volume=', holder('  run_args: --volume=/a:/b\n'), 'container#0', true],
    ['one with --mount', holder('  run_args: --mount type=bind\n'), 'container#0', true],
    ['one with a published port', holder('  run_args: -p 80:80\n'), 'container#0', true],
    ['one that is privileged', holder('  privileged: true\n'), 'container#0', true],
    ['one with harmless arguments', holder('  run_args: --init --user=1:1 -e A=b\n'), 'container#0', false],
    ['one in the node’s namespace', holder('  netns: host\n'), 'container#0', true],
    [
      'one in another container’s namespace',
      `${holder('  netns: container#1\n')}container#1:\n  image: x\n`,
      'container#0',
      true,
    ],
  ])('%s', (_, text, rid, exclusive) => {
    expect(on('node1', text).resources.find((each) => each.rid === rid)?.exclusive).toBe(exclusive)
  })
})

test('the version is the identity of the text', () => {
  expect(configOf(FLAG).version).toBe(configOf(FLAG).version)
  expect(configOf(FLAG).version).not.toBe(configOf(`${FLAG}# other\n`).version)
})
