import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ApiEvent } from '../../../src/daemon/api/contract.js'
import type { TargetEnd } from '../../../src/core/register.js'
import { Daemon, Recorder, type, until } from './daemon.js'
import { cluster, service } from './sample.js'

// Commands that wait for the end of what they began.

let daemon: Daemon
beforeEach(async () => {
  daemon = await Daemon.start()
})
afterEach(() => daemon.stop())

const posted = (): boolean => daemon.asked.some(({ method }) => method === 'POST')

const ended = (name: string, id: string, end: TargetEnd): ApiEvent => ({
  kind: 'target',
  service: name,
  id,
  name: 'placed@node2',
  end,
})

const progress = (
  node: string,
  rid: string,
  action: string,
  state: 'begun' | 'done' | 'failed',
  name = 'db1',
): ApiEvent => ({
  kind: 'progress',
  service: name,
  node,
  rid,
  action,
  state,
})

/** Each service gets a target state whose id is its name. */
function accept(): void {
  daemon.script = ({ path }) => {
    const name = path.split('/')[3] ?? ''
    if (!path.endsWith('/target')) return null
    return {
      body: {
        target: { id: name, name: 'placed@node2' },
        message: `service ${name} target state set to placed@node2`,
      },
    }
  }
}

const withoutTime = (text: string): string => text.replaceAll(/\(\d+\.\d s\)/g, '(N s)')

describe('om db1 switch --wait', () => {
  beforeEach(accept)

  test('in a pipe: what each resource does, line by line, and the end', async () => {
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(posted)
    daemon.publish(progress('node1', 'fs#1', 'stop', 'begun'))
    daemon.publish(progress('node1', 'fs#1', 'stop', 'done'))
    daemon.publish(progress('node9', 'fs#1', 'stop', 'done', 'other'))
    daemon.publish(ended('db1', 'another', { how: 'failed', why: 'not ours' }))
    daemon.publish(ended('db1', 'db1', { how: 'met', why: 'up on node2' }))
    expect(await code).toBe(0)
    expect(withoutTime(terminal.stdout)).toBe(
      [
        'service db1 target state set to placed@node2',
        'node1.db1.fs#1 stop done',
        'service db1 target state placed@node2 met: up on node2 (N s)',
        '',
      ].join('\n'),
    )
  })

  test('an end that is no success: its reason, and exit code 1', async () => {
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(posted)
    daemon.publish(ended('db1', 'db1', { how: 'failed', why: 'node2 could not mount /srv/db1' }))
    expect(await code).toBe(1)
    expect(terminal.stderr).toBe(
      'service db1 target state placed@node2 failed: node2 could not mount /srv/db1\n',
    )
  })

  test('is what a terminal gets without being asked, with progress in place', async () => {
    const terminal = new Recorder(daemon.root, true)
    const code = type(terminal, 'om db1 switch')
    await until(posted)
    daemon.publish(progress('node1', 'fs#1', 'stop', 'begun'))
    daemon.publish(progress('node1', 'ip#10', 'stop', 'begun'))
    daemon.publish(progress('node1', 'fs#1', 'stop', 'done'))
    daemon.publish(ended('db1', 'db1', { how: 'met', why: '' }))
    expect(await code).toBe(0)
    expect(shownOn(terminal.stdout)).toEqual([
      'service db1 target state set to placed@node2',
      '  node1  fs#1   stop  done',
      '  node1  ip#10  stop  …',
      'service db1 target state placed@node2 met (N s)',
      '',
    ])
  })
})

describe('om db1 switch --wait, for several', () => {
  beforeEach(accept)

  test('of several, each end is told, and one failure is enough for exit code 1', async () => {
    const services = ['db1', 'db2'].map((name) => service({ name }))
    const before = daemon.script
    daemon.script = (request) =>
      request.path === '/api/status' ? { body: cluster({ services }) } : before(request)
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db* switch --wait --format json')
    await until(() => daemon.asked.length === 2)
    daemon.publish(ended('db2', 'db2', { how: 'aborted', why: 'by an operator' }))
    daemon.publish(ended('db1', 'db1', { how: 'met', why: '' }))
    expect(await code).toBe(1)
    expect(JSON.parse(terminal.stdout)).toMatchObject([
      { service: 'db1', ok: true, end: { how: 'met' } },
      { service: 'db2', ok: false, end: { how: 'aborted', why: 'by an operator' } },
    ])
  })
})

describe('om db1 switch --wait, when something comes between', () => {
  beforeEach(accept)

  test('a daemon that restarts meanwhile is asked how it ended', async () => {
    const before = daemon.script
    const lastTarget = { id: 'db1', name: 'placed@node2', end: { how: 'met', why: '' } } as const
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(posted)
    daemon.script = (request) =>
      request.path === '/api/status'
        ? { body: cluster({ services: [service({ lastTarget })] }) }
        : before(request)
    daemon.cut()
    expect(await code).toBe(0)
    expect(withoutTime(terminal.stdout)).toContain('service db1 target state placed@node2 met (N s)\n')
  })

  test('a daemon that ends, and tells of no cluster on its way, is asked again once it is back', async () => {
    const before = daemon.script
    const lastTarget = { id: 'db1', name: 'placed@node2', end: { how: 'met', why: '' } } as const
    const none = cluster({ cluster: null, nodes: [], services: [] })
    const back = cluster({ services: [service({ lastTarget })] })
    const looks = (): number => daemon.requests.filter(({ path }) => path === '/api/status').length
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(posted)
    daemon.script = (request) =>
      request.path === '/api/status' ? { body: looks() === 1 ? none : back } : before(request)
    daemon.cut()
    expect(await code).toBe(0)
    expect(looks()).toBe(2)
    expect(terminal.stderr).toBe('')
  })

  test('a target state that another one replaced is over', async () => {
    const before = daemon.script
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(posted)
    const target = { id: 'newer', name: 'stopped' }
    daemon.script = (request) =>
      request.path === '/api/status'
        ? { body: cluster({ services: [service({ target })] }) }
        : before(request)
    daemon.cut()
    expect(await code).toBe(1)
    expect(terminal.stderr).toBe(
      'service db1 target state placed@node2 aborted: the target state stopped took its place\n',
    )
  })

  test('an interrupt leaves the action alone', async () => {
    const terminal = new Recorder(daemon.root)
    const code = type(terminal, 'om db1 switch --wait')
    await until(() => terminal.stdout !== '')
    terminal.interrupt()
    expect(await code).toBe(130)
    expect(terminal.stderr).toBe("not waiting any longer; the action goes on ('om SERVICE abort' ends it)\n")
    expect(daemon.asked).toHaveLength(1)
  })

  test('nothing is waited for where nothing is to be done', async () => {
    daemon.script = ({ path }) =>
      path.endsWith('/target')
        ? { body: { target: null, message: 'service db1 is up on node2 already' } }
        : null
    const terminal = new Recorder(daemon.root)
    expect(await type(terminal, 'om db1 switch --wait')).toBe(0)
    expect(terminal.stdout).toBe('service db1 is up on node2 already\n')
  })
})

test('a local action shows its resources before its end', async () => {
  const terminal = new Recorder(daemon.root)
  daemon.script = async ({ path }) => {
    if (!path.endsWith('/local')) return null
    daemon.publish(progress('node1', 'fs#1', 'stop', 'failed', 'other'))
    daemon.publish(progress('node1', 'fs#1', 'stop', 'begun'))
    daemon.publish(progress('node1', 'fs#1', 'stop', 'done'))
    await until(() => terminal.stdout !== '')
    return { body: { action: 'a', message: 'stop of db1 on node1 done' } }
  }
  expect(await type(terminal, 'om db1 stop --local')).toBe(0)
  expect(terminal.stdout).toBe('node1.db1.fs#1 stop done\nstop of db1 on node1 done\n')
})

/** What a terminal shows in the end: each line as last written, by the cursor movements that live lines use. */
function shownOn(text: string): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  for (const [part] of withoutTime(text).matchAll(/\p{Cc}\[\d*[AKJ]|\r|\n|[^\p{Cc}]+/gu)) {
    const up = /\[(\d+)A$/.exec(part)
    if (up !== null) row -= Number(up[1])
    else if (part === '\n') row++
    else if (part.endsWith('[J')) lines.splice(row)
    else if (part.endsWith('[K')) lines[row] = ''
    else if (part !== '\r') lines[row] = (lines[row] ?? '') + part
    lines[row] ??= ''
  }
  return lines
}
