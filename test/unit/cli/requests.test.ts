import { afterEach, beforeEach, expect, test } from 'vitest'
import { Daemon, Recorder, type } from './daemon.js'

// What each command line asks of the daemon.

let daemon: Daemon
beforeEach(async () => {
  daemon = await Daemon.start()
})
afterEach(() => daemon.stop())

const NOTHING = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false }
const target = (name: string): string => `/api/services/${name}/target`
const local = (name: string): string => `/api/services/${name}/local`
const config = (name: string): string => `/api/services/${name}/config`

type Row = readonly [line: string, method: string, path: string, body?: object]

const table: readonly Row[] = [
  ['om db1 start', 'POST', target('db1'), { action: 'start' }],
  ['om db1 stop --no-wait', 'POST', target('db1'), { action: 'stop' }],
  ['om db1 switch', 'POST', target('db1'), { action: 'switch' }],
  ['om db1 switch node2', 'POST', target('db1'), { action: 'switch', node: 'node2' }],
  [
    'om db1 switch --node=node2 --time 2m',
    'POST',
    target('db1'),
    { action: 'switch', node: 'node2', timeMs: 120_000 },
  ],
  ['om db1 takeover', 'POST', target('db1'), { action: 'takeover' }],
  ['om db1 giveback', 'POST', target('db1'), { action: 'giveback' }],
  ['om db1 restart', 'POST', target('db1'), { action: 'restart' }],
  ['om db1 freeze', 'POST', target('db1'), { action: 'freeze' }],
  ['om db1 thaw', 'POST', target('db1'), { action: 'thaw' }],
  ['om db1 clear', 'POST', target('db1'), { action: 'clear' }],
  ['om db1 abort', 'POST', target('db1'), { action: 'abort' }],
  ['om db1 provision', 'POST', target('db1'), { action: 'provision' }],
  ['om db1 unprovision', 'POST', target('db1'), { action: 'unprovision' }],
  ['om db1 purge --yes', 'POST', target('db1'), { action: 'purge' }],
  ['om db1 delete', 'POST', target('db1'), { action: 'delete' }],
  ['om a#b/c start', 'POST', '/api/services/a%23b%2Fc/target', { action: 'start' }],
  ['om db1 stop --local', 'POST', local('db1'), { action: 'stop', selection: NOTHING }],
  [
    'om db1 start --rid fs#1,fs#2 --rid ip',
    'POST',
    local('db1'),
    { action: 'start', selection: { ...NOTHING, rids: ['fs#1', 'fs#2', 'ip'] } },
  ],
  [
    'om db1 start --tags a+b --subsets s --upto fs --force',
    'POST',
    local('db1'),
    {
      action: 'start',
      selection: { rids: [], tags: ['a+b'], subsets: ['s'], upto: 'fs', downto: null, force: true },
    },
  ],
  ['om db1 freeze --local', 'POST', local('db1'), { action: 'freeze', selection: NOTHING }],
  [
    'om db1 stop --local --downto fs#1 --dry-run',
    'POST',
    local('db1'),
    { action: 'stop', selection: { ...NOTHING, downto: 'fs#1' }, dryRun: true },
  ],
  ['om db1 switch node2 --dry-run', 'GET', '/api/services/db1/plan?action=switch&node=node2'],
  ['om db1 start --dry-run', 'GET', '/api/services/db1/plan?action=start'],
  [
    'om db1 set --kw orchestrate=ha --kw fs#1.size+=1',
    'POST',
    config('db1'),
    { set: ['orchestrate=ha', 'fs#1.size+=1'] },
  ],
  ['om db1 unset --kw comment', 'POST', config('db1'), { unset: ['comment'] }],
  ['om db1 enable', 'POST', config('db1'), { set: ['disable=false'] }],
  [
    'om db1 disable --rid fs#1,app',
    'POST',
    config('db1'),
    { set: ['fs#1.disable=true', 'app.disable=true'] },
  ],
  ['om db1 print config', 'GET', config('db1')],
  ['om db1 print_config', 'GET', config('db1')],
  ['om db1 history', 'GET', '/api/services/db1/history'],
  ['om db1 logs', 'GET', '/api/logs?service=db1&level=info&limit=1000'],
  [
    'om db1 logs --rid fs#1 --level warn --node node2 -n 5',
    'GET',
    '/api/logs?service=db1&node=node2&rid=fs%231&level=warn&limit=5',
  ],
  ['om node logs', 'GET', '/api/logs?node=node1&level=info&limit=1000'],
  ['om node freeze', 'POST', '/api/node/freeze', { node: 'node1' }],
  ['om node thaw node2', 'POST', '/api/node/thaw', { node: 'node2' }],
  ['om node drain --node node2', 'POST', '/api/node/drain', { node: 'node2' }],
  ['om node confirm-off node2 --yes', 'POST', '/api/node/confirm-off', { node: 'node2' }],
  ['om node fence node2 --yes', 'POST', '/api/node/fence', { node: 'node2' }],
  ['nodemgr confirm_off node2 --yes', 'POST', '/api/node/confirm-off', { node: 'node2' }],
  ['svcmgr -s db1 logs -n 1', 'GET', '/api/logs?service=db1&level=info&limit=1'],
  ['om cluster init', 'POST', '/api/cluster/init', { name: 'default' }],
  [
    'om cluster init lab --address 192.0.2.1,198.51.100.1',
    'POST',
    '/api/cluster/init',
    { name: 'lab', addresses: ['192.0.2.1', '198.51.100.1'] },
  ],
  ['om cluster join abc', 'POST', '/api/cluster/join', { token: 'abc' }],
  ['om cluster leave', 'POST', '/api/cluster/leave', {}],
  [
    'om cluster set --kw heartbeat.timeout=9s',
    'POST',
    '/api/cluster/config',
    { set: ['heartbeat.timeout=9s'] },
  ],
  ['om cluster print config', 'GET', '/api/cluster/config'],
  ['om cluster history', 'GET', '/api/cluster/history'],
  ['svcmgr -s db1 switch --node node2', 'POST', target('db1'), { action: 'switch', node: 'node2' }],
  ['svcmgr start --service=db1', 'POST', target('db1'), { action: 'start' }],
  ['/usr/local/bin/db1 stop', 'POST', target('db1'), { action: 'stop' }],
  ['/opt/longshore/dist/bin/om.cjs db1 stop', 'POST', target('db1'), { action: 'stop' }],
  ['om --format json db1 clear', 'POST', target('db1'), { action: 'clear' }],
]

const rows = table.map(([line, method, path, body]) => ({ line, method, path, body }))

test.each(rows)('$line', async ({ line, method, path, body }) => {
  const terminal = new Recorder(daemon.root)
  const code = await type(terminal, line)
  expect(terminal.stderr).toBe('')
  expect(code).toBe(0)
  expect(daemon.asked).toEqual([{ method, path, body }])
})

test('logs since', async () => {
  const before = Date.now()
  await type(new Recorder(daemon.root), 'om db1 logs --since 1h')
  const since = Number(/since=(\d+)/.exec(daemon.asked[0]?.path ?? '')?.[1])
  expect(before - since).toBeLessThanOrEqual(3_600_000)
  expect(Date.now() - since).toBeGreaterThanOrEqual(3_600_000)
})

test('a configuration from standard input, with another environment', async () => {
  const terminal = new Recorder(daemon.root, false, false, [], '{"DEFAULT": {}}')
  expect(await type(terminal, 'om db1 deploy --config=- --env dev=/dev/sdb --env gateway=192.0.2.1')).toBe(0)
  const body = {
    name: 'db1',
    text: '{"DEFAULT": {}}',
    env: { dev: '/dev/sdb', gateway: '192.0.2.1' },
    deploy: true,
  }
  expect(daemon.asked).toEqual([{ method: 'POST', path: '/api/services', body }])
})

test('a configuration from keywords', async () => {
  const line = [
    'om',
    'f1',
    'create',
    '--kw',
    'fs#1.type=flag',
    '--kw',
    'nodes=*',
    '--kw',
    'fs#1.optional@node2.example=true',
  ]
  expect(await type(new Recorder(daemon.root), line)).toBe(0)
  const text = '{"DEFAULT":{"nodes":"*"},"fs#1":{"type":"flag","optional@node2.example":"true"}}'
  expect(daemon.asked[0]?.body).toEqual({ name: 'f1', text, env: {}, deploy: false })
})

test('restore brings the text of that version', async () => {
  const entry = { version: 'aa11', wallMs: 0, author: 'user', node: 'node1', text: 'old' }
  daemon.script = ({ path }) =>
    path.endsWith('/history')
      ? { body: { entries: [{ ...entry, version: 'bb22', text: 'new' }, entry] } }
      : null
  expect(await type(new Recorder(daemon.root), 'om db1 restore aa')).toBe(0)
  expect(daemon.asked.at(-1)).toEqual({
    method: 'POST',
    path: '/api/services/db1/config',
    body: { text: 'old' },
  })
})
