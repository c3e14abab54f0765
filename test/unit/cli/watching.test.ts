import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Daemon, Recorder, type, until } from './daemon.js'
import { cluster, document, instance, log, service, stopped } from './sample.js'

// Commands that show what happens until they are interrupted.

let daemon: Daemon
beforeEach(async () => {
  daemon = await Daemon.start()
})
afterEach(() => daemon.stop())

describe('om db1 logs -f', () => {
  test('past lines, then new ones once each, until it is interrupted', async () => {
    const past = [log(1, { message: 'first' }), log(2, { message: 'second', node: 'node2' })]
    daemon.script = ({ path }) => {
      if (!path.startsWith('/api/logs')) return null
      // Written while the past is being read: it is in both.
      for (const entry of past.slice(1)) daemon.publish({ kind: 'log', entry })
      return { body: { entries: past, missing: ['node3'] } }
    }
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 logs -f')
    await until(() => terminal.stdout.includes('second'))
    daemon.publish({ kind: 'log', entry: log(4, { message: 'fourth' }) })
    daemon.publish({ kind: 'log', entry: log(3, { message: 'third', node: 'node2' }) })
    daemon.publish({ kind: 'log', entry: log(5, { message: 'of another service', service: 'web' }) })
    daemon.publish({ kind: 'log', entry: log(5, { message: 'too fine', level: 'debug' }) })
    await until(() => terminal.stdout.includes('fourth'))
    terminal.interrupt()
    expect(await code).toBe(0)
    const told = terminal.stdout.split('\n').map((line) => line.split(/ {2}INFO {3}/)[1])
    expect(told.filter((message) => message !== undefined)).toEqual(['first', 'second', 'third', 'fourth'])
    expect(terminal.stderr).toBe('node3 did not answer: what only it knows is missing here\n')
  })
})

test('om db1 events: a JSON a line, of this service alone', async () => {
  const terminal = new Recorder(daemon.root)
  const code = type(terminal, 'om db1 events')
  await until(() => daemon.requests.some(({ path }) => path === '/api/events'))
  await until(() => {
    daemon.publish({ kind: 'changed', services: ['web'] })
    daemon.publish({ kind: 'changed', services: ['db1', 'web'] })
    return terminal.stdout !== ''
  })
  terminal.interrupt()
  expect(await code).toBe(0)
  expect(JSON.parse(terminal.stdout.split('\n')[0] ?? '')).toEqual({
    kind: 'changed',
    services: ['db1', 'web'],
  })
})

describe('svcmon -w', () => {
  let services = [service()]
  beforeEach(() => {
    services = [service()]
    daemon.script = ({ path }) => (path === '/api/status' ? { body: cluster({ services }) } : null)
  })

  test('in a pipe: a frame a change', async () => {
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'svcmon -w -s db1 --sections services')
    await until(() => terminal.stdout.includes('O^'))
    services = [
      service({ avail: 'down', instances: [instance('node1', stopped()), instance('node2', stopped())] }),
    ]
    daemon.publish({ kind: 'changed', services: ['db1'] })
    await until(() => terminal.stdout.includes('X^'))
    terminal.interrupt()
    expect(await code).toBe(0)
    expect(terminal.stdout).toBe(
      [
        'Services               node1 node2',
        ' db1     up failover | O^    X',
        '',
        'Services                 node1 node2',
        ' db1     down failover | X^    X',
        '',
        '',
      ].join('\n'),
    )
  })

  test('on a terminal: its screen is given back, and only what differs is written', async () => {
    const terminal = new Recorder(daemon.root, true)
    const code = type(terminal, 'svcmon -w --sections services')
    await until(() => terminal.stdout.includes('O^'))
    const before = terminal.stdout.length
    services = [
      service({
        instances: [instance('node1', document({ monitor: 'stopping' })), instance('node2', stopped())],
      }),
    ]
    daemon.publish({ kind: 'changed', services: ['db1'] })
    await until(() => terminal.stdout.includes('stopping'))
    const repaint = terminal.stdout.slice(before)
    terminal.interrupt()
    expect(await code).toBe(0)
    expect(terminal.stdout.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
    expect(terminal.stdout.endsWith('\u001b[?25h\u001b[?1049l')).toBe(true)
    expect(repaint).toContain('\u001b[2;1H db1     up failover | O^ stopping')
  })

  test('a daemon that goes away is awaited', async () => {
    const terminal = new Recorder(daemon.root, true)
    const code = type(terminal, 'svcmon -w')
    await until(() => terminal.stdout.includes('O^'))
    daemon.cut()
    await until(() => terminal.stdout.includes('omd went away; waiting for it'))
    services = [service({ name: 'back' })]
    await until(() => terminal.stdout.includes('back'))
    terminal.interrupt()
    expect(await code).toBe(0)
  })

  test('a daemon that ends, and tells of no cluster on its way, makes no frame', async () => {
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'svcmon -w --sections services')
    await until(() => terminal.stdout.includes('O^'))
    const shown = terminal.stdout
    const asked = daemon.requests.length
    const none = cluster({ cluster: null, nodes: [], services: [] })
    daemon.script = ({ path }) => (path === '/api/status' ? { body: none } : null)
    daemon.publish({ kind: 'changed', services: ['db1'] })
    await until(() => daemon.requests.slice(asked).some(({ path }) => path === '/api/events'))
    expect(terminal.stdout).toBe(shown)
    services = [service({ name: 'back' })]
    daemon.script = ({ path }) => (path === '/api/status' ? { body: cluster({ services }) } : null)
    await until(() => terminal.stdout.includes('back'))
    terminal.interrupt()
    expect(await code).toBe(0)
  })
})
