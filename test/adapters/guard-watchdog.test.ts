import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { toGuard } from '../../src/daemon/adapters/guard-clock.js'
import type { Guard, GuardEvent } from '../../src/daemon/ports.js'
import {
  clock,
  compileGuard,
  exec,
  ground,
  heldMs,
  program,
  terms,
  until,
  victim,
  watching,
  type Ground,
} from './guard-ground.js'

compileGuard()

describe('the guard with a watchdog', () => {
  // A file in its place shows what a watchdog would have been told.
  const watched = async (
    on: Ground,
    device = join(on.runDir, 'watchdog'),
  ): Promise<{ guard: Guard; events: GuardEvent[]; told: () => string }> => {
    if (device.startsWith(on.runDir)) writeFileSync(device, '')
    const watchdog = { device, periodMs: 150, graceMs: 200 }
    const begun = await watching(on, { stopMaxMs: 500, selfFence: 'watchdog', watchdog })
    return { ...begun, told: () => readFileSync(device, 'utf8') }
  }

  test('feeds it under the lease while anything is held, and disarms it with the last that is released', async () => {
    const on = ground()
    const { guard, told } = await watched(on)
    guard.extend(clock.nowMs() + 60_000)
    expect(told()).toBe('')
    guard.hold('a', [['true']])
    guard.hold('b', [['true']])
    expect([await guard.held('a', heldMs), await guard.held('b', heldMs)]).toEqual([true, true])
    await until(() => told().length > 3)
    guard.release('a')
    const before = told().length
    await until(() => told().length > before + 3)
    expect(told()).toMatch(/^\.+$/)
    guard.release('b')
    await until(() => told().endsWith('V'))
    const after = told().length
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(told()).toHaveLength(after)
  })

  test('lets it starve where something outlasts the lease, and disarms it where that is ended after all', async () => {
    const on = ground()
    const { guard, events, told } = await watched(on)
    const missing = join(on.runDir, 'missing')
    guard.extend(clock.nowMs() + 2000)
    guard.hold('db1', [['test', '-e', missing]])
    expect(await guard.held('db1', heldMs)).toBe(true)
    await until(() => on.log().includes('is not fed any more: this node is reset unless'))
    const starved = told()
    await until(() => on.log().includes('db1: the watchdog resets this node'))
    expect(told()).toBe(starved)
    expect(starved).toMatch(/^\.+$/)
    writeFileSync(missing, '')
    await until(() => events.length > 0 && told() === `${starved}V`)
  })

  test('what the guard ends in time does not reset the node', async () => {
    const on = ground()
    const { guard, events, told } = await watched(on)
    const { how } = victim()
    guard.extend(clock.nowMs() + 1000)
    guard.hold('db1', [how])
    await until(() => events.length > 0)
    await until(() => told().endsWith('V'))
    expect(on.log()).not.toContain('is not fed any more')
  })

  test('goes on counting where the guard is killed, and the next guard feeds it again', async () => {
    const on = ground()
    const { guard, told } = await watched(on)
    guard.extend(clock.nowMs() + 60_000)
    guard.hold('db1', [['true']])
    await guard.held('db1', heldMs)
    process.kill(on.pid() ?? 0, 'SIGKILL')
    await until(() => !guard.holds('db1'))
    const before = told().length
    expect(await guard.held('db1', heldMs)).toBe(true)
    await until(() => told().length > before + 2)
    expect(told()).not.toContain('V')
    guard.dismiss()
    await until(() => on.pid() === null)
    expect(told()).toMatch(/^\.+V$/)
  })

  test('released and dismissed in one breath, it is disarmed first', async () => {
    const on = ground()
    const device = join(on.runDir, 'watchdog')
    writeFileSync(device, '')
    mkdirSync(`${on.runDir}/guard`)
    writeFileSync(`${on.runDir}/guard/db1`, 'true\0\0')
    await exec.detach([program, '--dir', on.runDir, '--watchdog', device], {})
    await until(() => existsSync(`${on.runDir}/guard.sock`))
    const daemon = createConnection({ path: `${on.runDir}/guard.sock` })
    const endsMs = toGuard(clock, clock.nowMs() + 60_000)
    daemon.write(`watchdog-period 60000\nself-fence watchdog\nlease ${endsMs}\nhold db1\n`)
    await until(() => readFileSync(device, 'utf8') === '.')
    daemon.write('release db1\nleave\n')
    await until(() => on.pid() === null)
    expect(readFileSync(device, 'utf8')).toBe('.V')
    daemon.destroy()
  })

  test.each(['stop', 'watchdog'] as const)(
    'with another way to fence (%s) while something is held, the former watchdog is disarmed',
    async (selfFence) => {
      const on = ground()
      const { guard, told } = await watched(on)
      guard.extend(clock.nowMs() + 60_000)
      guard.hold('db1', [['true']])
      await until(() => guard.holds('db1'))
      const other = join(on.runDir, 'other')
      writeFileSync(other, '')
      const watchdog = selfFence === 'watchdog' ? { device: other, periodMs: 60_000, graceMs: 0 } : null
      guard.watch({ stopMaxMs: 1000, selfFence, watchdog })
      await until(() => told().endsWith('V'))
      await until(() => guard.holds('db1'))
      expect(told()).toMatch(/^\.+V$/)
      if (watchdog !== null) await until(() => readFileSync(other, 'utf8') !== '')
      guard.dismiss()
      await until(() => on.pid() === null)
    },
  )

  test.each([
    ['/lsu-no-such/watchdog', 'there is no watchdog /lsu-no-such/watchdog: load its module'],
    ['/', 'the watchdog / cannot be opened: Is a directory'],
    ['/dev/null', 'the watchdog /dev/null counts 0 s and does not take'],
  ])('takes nothing where %s is none', async (device, why) => {
    const on = ground()
    const { guard, events } = await watched(on, device)
    guard.extend(clock.nowMs() + 60_000)
    guard.hold('db1', [['true']])
    await until(() => events.length > 0)
    expect(await guard.held('db1', 100)).toBe(false)
    expect(guard.refusal).toContain(why)
    expect(events[0]).toMatchObject({ kind: 'trouble', message: expect.stringContaining(why) })
    guard.watch(terms)
    expect(guard.refusal, 'what it was wanted for has changed').toBeNull()
  })

  test('takes nothing while another process holds it, and says how to find out which', async () => {
    const on = ground()
    const device = await takenDevice()
    await exec.detach([...unprivileged, program, '--dir', on.runDir, '--watchdog', device], {})
    await until(() => existsSync(`${on.runDir}/guard.sock`))
    const { guard, events } = await watched(on, device)
    guard.extend(clock.nowMs() + 60_000)
    guard.hold('db1', [['true']])
    await until(() => events.length > 0)
    expect(await guard.held('db1', 100)).toBe(false)
    const next = `end what feeds it (fuser -v ${device} names it), or set node.watchdog_dev`
    expect(guard.refusal).toBe(`the watchdog ${device} is held by another process: ${next}`)
  })
})

/** A terminal that is another process's alone refuses as a watchdog does, but not to who may administrate the system. */
const unprivileged = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_admin'] : []

async function takenDevice(): Promise<string> {
  const take = `
import fcntl, os, pty, termios, time
_, device = pty.openpty()
fcntl.ioctl(device, termios.TIOCEXCL)
print(os.ttyname(device), flush=True)
time.sleep(60)`
  const holder = spawn('python3', ['-c', take], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void holder.kill('SIGKILL'))
  const [path] = (await once(holder.stdout, 'data')) as [Buffer]
  return path.toString().trim()
}
