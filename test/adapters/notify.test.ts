import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { systemdNotify, type NotifyPorts } from '../../src/daemon/adapters/notify-systemd.js'
import type { Notify } from '../../src/daemon/ports.js'

test('systemd is told that omd is ready, and its watchdog is fed again and again', async () => {
  const { socket, line } = await listener()
  notify({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '100000', WATCHDOG_PID: '42' }).ready()
  expect([await line(), await line(), await line()]).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1'])
})

// When the next feeding is due, milliseconds after readiness.
test.each<readonly [string, Readonly<Record<string, string>>, readonly number[]]>([
  ['at half of its time', { WATCHDOG_USEC: '20000000', WATCHDOG_PID: '42' }, [10_000]],
  ['by whoever it names nobody to', { WATCHDOG_USEC: '20000000' }, [10_000]],
  ['not by a process that it is not meant for', { WATCHDOG_USEC: '20000000', WATCHDOG_PID: '41' }, []],
  ['not where there is none', {}, []],
  ['not where its time is none', { WATCHDOG_USEC: '0' }, []],
])('the watchdog is fed %s', async (_, env, due) => {
  const { socket, line } = await listener()
  const times: number[] = []
  const clock = { ...systemClock(), nowMs: () => 0, at: (ms: number) => (times.push(ms), () => undefined) }
  const told = notify({ NOTIFY_SOCKET: socket, ...env }, { clock, exec: systemExec(systemClock()) })
  told.ready()
  expect(await line()).toBe('READY=1')
  if (due.length > 0) expect(await line()).toBe('WATCHDOG=1')
  await told.stopping()
  expect(await line()).toBe('STOPPING=1')
  expect(times).toEqual(due)
})

test('once it stops it feeds nothing, and is over when the last word is said', async () => {
  const { socket, line } = await listener()
  const real = systemExec(systemClock())
  const underWay = new Set<string>()
  const exec: NotifyPorts['exec'] = {
    ...real,
    run: async (argv, options) => {
      const words = argv.join(' ')
      underWay.add(words)
      return real.run(argv, options).finally(() => underWay.delete(words))
    },
  }
  const told = notify({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '2000', WATCHDOG_PID: '42' }, { exec })
  told.ready()
  expect([await line(), await line()]).toEqual(['READY=1', 'WATCHDOG=1'])
  await told.stopping()
  expect([...underWay]).toEqual([])
  const rest: string[] = []
  while (rest.at(-1) !== 'STOPPING=1') rest.push(await line())
  notify({ NOTIFY_SOCKET: socket }).ready()
  expect(await line()).toBe('READY=1')
})

test('systemd that cannot be told is a sentence', async () => {
  const said = await new Promise<string>((complain) => {
    void notify({ NOTIFY_SOCKET: '/lsu/none' }, { complain }).stopping()
  })
  expect(said).toMatch(/^systemd could not be told STOPPING=1: ./)
})

/** omd's own, as process 42. It ends with the test. */
function notify(env: NotifyPorts['env'], differs: Partial<NotifyPorts> = {}): Notify {
  const clock = systemClock()
  const timers = new Set<() => void>()
  onTestFinished(() => timers.forEach((cancel) => cancel()))
  const ending = {
    ...clock,
    at: (atMs: number, callback: () => void) => {
      const cancel = clock.at(atMs, callback)
      timers.add(cancel)
      return cancel
    },
  }
  const exec = systemExec(clock)
  return systemdNotify({ exec, clock: ending, env, pid: 42, complain: () => undefined, ...differs })
}

/** A socket as systemd has it, and the lines that come. */
async function listener() {
  const folder = mkdtempSync(join(tmpdir(), 'lsu-notify-'))
  const socket = `${folder}/notify`
  const script = `use Socket; socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])); $| = 1; print "bound\\n";
    while (1) { recv(S, $said, 4096, 0); print((split /\\n/, $said)[0], "\\n") }`
  const child = spawn('perl', ['-e', script, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  // systemd-notify waits until what it has said was taken: that is no word of the daemon's.
  const line = async (): Promise<string> => {
    const said = String((await lines.next()).value)
    return said === 'BARRIER=1' ? line() : said
  }
  expect(await line()).toBe('bound')
  return { socket, line }
}
