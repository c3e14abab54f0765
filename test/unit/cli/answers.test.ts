import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Daemon, Recorder, type, type Reply } from './daemon.js'
import { cluster, document, instance, node, service, stopped } from './sample.js'

// What operators read, and the exit code, for what the daemon answers.

let daemon: Daemon
beforeEach(async () => {
  daemon = await Daemon.start()
})
afterEach(() => daemon.stop())

const refusal = (message: string, details?: readonly string[]): Reply => ({
  status: 409,
  body: { error: { code: 'CONFLICT', message, details } },
})

test.each([
  ['om', 'om SERVICE …    a name, a glob'],
  ['om db1', "what shall be done? 'om help' lists the commands of om SERVICE\n"],
  ['om db1 swich', "'swich' is no command of om SERVICE: did you mean 'switch'?\n"],
  ['om db1 print stauts', "'print' is no command of om SERVICE: did you mean 'print status'?\n"],
  ['om node frobnicate', "'frobnicate' is no command of om node: 'om help' lists those there are\n"],
  ['om db1 start --frce', "unknown option '--frce' (Did you mean --force?); see 'om SERVICE start --help'\n"],
  ['om db1 start now', "too many arguments (0 expected, 1 given); see 'om SERVICE start --help'\n"],
  ['om cluster join', "missing required argument 'token'; see 'om cluster join --help'\n"],
  ['om db1 start --time soon', '--time soon is no duration: write 30s, 5m or 1h30m\n'],
  ['om db1 logs --level loud', '--level loud: debug, info, warn, error are the levels there are\n'],
  ['om db1 logs -n few', '--lines few is no number of lines: write --lines 100\n'],
  ['om db1 clear --format xml', '--format xml: table, json and yaml are the formats there are\n'],
  ['om db1 switch node1 --node node2', 'to node1 or to node2? name one node\n'],
  ['om db1 set', 'which keyword? set --kw [section.]keyword=value\n'],
  ['om db1 create', 'what shall it be made of? --config=FILE, --config=- for standard input, or --kw\n'],
  ['om db1 create --config /nowhere/db1.json', '/nowhere/db1.json cannot be read: no such file or directory'],
  ['om db1 create --kw fs#1.size+=1', '--kw fs#1.size+=1: write --kw [section.]keyword=value\n'],
  ['om db* create --kw a=1', "'db*' selects services; here the name of one is needed\n"],
  ['om svc* start', "no service matches 'svc*': see 'svcmon' for those there are\n"],
  ['om dbb,x* start', 'there is no service dbb: did you mean db1?\n'],
  ['svcmgr start', 'svcmgr needs to know which service: svcmgr -s SERVICE ACTION\n'],
  ['svcmon -s dbb', 'there is no service dbb: did you mean db1?\n'],
  ['svcmon --sections node', 'there is no section node: did you mean nodes?\n'],
  ['om node freeze nod3', 'the cluster has no node nod3: its nodes are node1, node2\n'],
  ['om db1 restore zz', "there is no version zz: see 'om db1 history'\n"],
  ['om node confirm-off node2', 'You say that node2 is powered off. If it still runs, '],
] as const)('%s', async (line, message) => {
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, line)).toBe(1)
  expect(terminal.stderr).toContain(message)
  expect(terminal.stderr.startsWith(message.slice(0, 10))).toBe(true)
  expect(terminal.stdout).toBe('')
  expect(daemon.asked.filter(({ method }) => method === 'POST')).toEqual([])
})

describe('a daemon that does not answer as it should', () => {
  test('it is not there', async () => {
    const terminal = new Recorder('/nowhere')
    expect(await type(terminal, 'om db1 start')).toBe(1)
    expect(terminal.stderr).toBe("omd is not running on this node: start it with 'om daemon start'\n")
  })

  test.each<readonly [string, Reply, string]>([
    [
      'it refuses',
      refusal('service db1 is up on node2 already', ['since 20:35']),
      'service db1 is up on node2 already\nsince 20:35\n',
    ],
    [
      'it refuses a text',
      refusal('db1:2:3: a (and 1 more problem)', ['db1:2:3: a', 'db1:3:3: b']),
      'db1:2:3: a (and 1 more problem)\ndb1:3:3: b\n',
    ],
    ['it hangs up', 'hang up', "omd ended before it answered: see 'om daemon status'\n"],
    ['it says no JSON', { body: '<html>' }, 'omd gave an answer that is no JSON (status 200): <html>\n'],
    ['it gives no reason', { status: 500, body: {} }, 'omd refused with status 500 and no reason\n'],
    ['it tries to steer the terminal', refusal('bad \u001b[2J name'), 'bad \\x1b[2J name\n'],
  ])('%s', async (_name, reply, message) => {
    daemon.script = () => reply
    const terminal = new Recorder(daemon.root)
    expect(await type(terminal, 'om db1 start')).toBe(1)
    expect(terminal.stderr).toBe(message)
    expect(terminal.stdout).toBe('')
  })
})

test('of several services each gets its sentence, and one that fails does not stop the others', async () => {
  const services = ['db1', 'db2', 'web'].map((name) => service({ name }))
  daemon.script = ({ path }) => {
    if (path === '/api/status') return { body: cluster({ services }) }
    if (path.includes('/db1/')) return refusal('db1 is frozen')
    return { body: { target: null, message: `${path.split('/')[3]} is already up` } }
  }
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om !web start')).toBe(1)
  expect(terminal.stdout).toBe('db2 is already up\n')
  expect(terminal.stderr).toBe('db1 is frozen\n')
  const json = new Recorder(daemon.root)
  await type(json, 'om db* start --format json')
  expect(JSON.parse(json.stdout)).toEqual([
    { service: 'db1', ok: false, message: 'db1 is frozen', target: null },
    { service: 'db2', ok: true, message: 'db2 is already up', target: null },
  ])
})

test.each([
  ['up', 0],
  ['down', 1],
  ['warn', 2],
  ['n/a', 3],
  ['undef', 5],
  ['stdby up', 6],
  ['stdby down', 7],
] as const)('status %s ends with %i', async (avail, code) => {
  daemon.script = () => ({ body: cluster({ services: [service({ avail })] }) })
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om db1 status')).toBe(code)
  expect(terminal.stdout).toBe(`${avail}\n`)
})

test('json and yaml say the same', async () => {
  const json = new Recorder(daemon.root)
  const yaml = new Recorder(daemon.root)
  await type(json, 'om db1 print status --format json')
  await type(yaml, 'om db1 print status --format yaml')
  const { parse } = await import('yaml')
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse(JSON.stringify(service())))
  expect(parse(yaml.stdout)).toEqual(JSON.parse(json.stdout))
})

describe('asking first', () => {
  test.each([
    ['y', 0, 1],
    ['', 1, 0],
    ['no', 1, 0],
  ] as const)('purge, answered with %j', async (answer, code, posts) => {
    const terminal = new Recorder(daemon.root, true, true, [answer])
    expect(await type(terminal, 'om db1 purge --no-wait')).toBe(code)
    expect(terminal.questions).toBe('purge destroys the data of db1. Go on? [y/N] ')
    expect(daemon.asked).toHaveLength(posts)
  })

  test('purge does not ask in a pipe', async () => {
    expect(await type(new Recorder(daemon.root), 'om db1 purge')).toBe(0)
    expect(daemon.asked).toHaveLength(1)
  })

  test('confirm-off names what is at stake', async () => {
    daemon.script = ({ path }) =>
      path === '/api/status'
        ? {
            body: cluster({
              nodes: [node('node1'), node('node2', { reachable: false })],
              services: [
                service({ instances: [instance('node2', document(), { reachable: false })] }),
                service({ name: 'web', instances: [instance('node2', stopped(), { reachable: false })] }),
              ],
            }),
          }
        : null
    const terminal = new Recorder(daemon.root, true, true, ['yes'])
    expect(await type(terminal, 'om node confirm-off node2')).toBe(0)
    expect(terminal.questions).toBe(
      'You say that node2 is powered off. If it still runs, db1, which it held when it was last heard, will run twice and their data can be destroyed. Go on? [y/N] ',
    )
  })
})

test('a dry run prints each node in order, and fails where one could not', async () => {
  daemon.script = () => ({
    body: {
      nodes: [
        {
          node: 'node1',
          action: 'stop',
          steps: [
            { rid: 'fs#1', text: 'umount /srv/db1' },
            { rid: 'container#10', text: 'docker stop db1' },
          ],
          obstacles: [],
        },
        { node: 'node3', action: '', steps: [], obstacles: [] },
        {
          node: 'node2',
          action: 'start',
          steps: [],
          obstacles: ['node2 cannot run disk.vg: this kernel has no device-mapper'],
        },
      ],
    },
  })
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om db1 switch --dry-run')).toBe(1)
  expect(terminal.stdout).toBe(
    [
      'node1.db1 stop',
      '  fs#1          umount /srv/db1',
      '  container#10  docker stop db1',
      'node2.db1 start',
      '  error: node2 cannot run disk.vg: this kernel has no device-mapper',
      '',
    ].join('\n'),
  )
})

test('cluster check says what is amiss', async () => {
  daemon.script = () => ({
    body: cluster({
      nodes: [
        node('node1'),
        node('node2', { reachable: false, heardBy: ['node1'] }),
        node('node3', { reachable: false }),
      ],
    }),
  })
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om cluster check')).toBe(1)
  expect(terminal.stdout).toBe(
    [
      'warn: unprotected against split brain: set cluster.quorum=true',
      'warn: node node2 is not heard here, and node1 still hears it: mend the network between them',
      'warn: node node3 is not heard: is it off, or is its omd stopped?',
      'warn: the heartbeat path to node2 over 198.51.100.2:1215 is stale for 12s',
      'warn: node node3 is heard over one path only: give it a second address on another network',
      '',
    ].join('\n'),
  )
})

test('cluster check shows what a program on another node said, and lets it paint nothing', async () => {
  const gap = 'node node2 cannot have node1 powered off: fence_x answered 1 to status: \x1b[2Jno route'
  const path = { id: '', name: 'hb#0', peer: 'node2', address: '', ageMs: 1, latencyMs: 1, loss: 0, late: 0 }
  const paths = [path, path].map((each) => ({ ...each, state: 'beating' as const }))
  const base = cluster({ nodes: [node('node1'), node('node2')], gaps: [gap] })
  daemon.script = () => ({ body: { ...base, daemon: { ...base.daemon, paths } } })
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om cluster check')).toBe(1)
  expect(terminal.stdout).toBe(`warn: ${gap.replace('\x1b', '\\x1b')}\n`)
})

test('node check names the package of what is missing', async () => {
  const tool = { neededBy: ['fs.xfs'], path: '/usr/sbin/mkfs.xfs', version: '6.1.0' }
  daemon.script = () => ({
    body: {
      node: 'node1',
      tools: [
        { ...tool, command: 'mkfs.xfs', package: 'xfsprogs' },
        { command: 'vgchange', package: 'lvm2', neededBy: ['disk.vg', 'disk.lv'], path: null, version: null },
      ],
      features: [{ name: 'device-mapper', present: false, sentence: 'this kernel has no device-mapper' }],
    },
  })
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om node check')).toBe(1)
  expect(terminal.stdout).toBe(
    [
      'mkfs.xfs  ok       /usr/sbin/mkfs.xfs 6.1.0  fs.xfs',
      'vgchange  missing  apt-get install lvm2      disk.vg disk.lv',
      '',
      'device-mapper  missing  this kernel has no device-mapper',
      '',
    ].join('\n'),
  )
})

test('node print status', async () => {
  const terminal = new Recorder(daemon.root)
  expect(await type(terminal, 'om node print status node2')).toBe(0)
  expect(terminal.stdout).toBe(
    [
      'node2                           idle, load 0.4, mem 42%:15.6g, 0.1.0',
      '`- instances',
      '   `- db1            down       idle',
      '',
    ].join('\n'),
  )
})

test('help: a command, a keyword, a mistyped word', async () => {
  const command = new Recorder(daemon.root)
  expect(await type(command, 'om help print status')).toBe(0)
  expect(command.stdout).toContain('Usage: om SERVICE print status')
  const keyword = new Recorder(daemon.root)
  expect(await type(keyword, 'om help fs.mnt')).toBe(0)
  expect(keyword.stdout).toContain('Mount point.')
  const typo = new Recorder(daemon.root)
  expect(await type(typo, 'om help swich')).toBe(1)
  expect(typo.stderr).toBe("there is no help for 'swich': did you mean 'switch'?\n")
})

test.each([
  ['nodemgr --help', 'om node …\n'],
  ['svcmgr -s db1 --help', 'om SERVICE …'],
  ['svcmon --help', 'Usage: om mon'],
])('%s', async (line, begins) => {
  const recorder = new Recorder(daemon.root)
  expect(await type(recorder, line)).toBe(0)
  expect(recorder.stdout.slice(0, begins.length)).toBe(begins)
})
