import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemFiles } from '../../src/daemon/adapters/files.js'
import { systemGuard } from '../../src/daemon/adapters/guard.js'
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
} from './guard-ground.js'

compileGuard()

describe('the guard', () => {
  test('ends what is held once the lease is over, in order, and says so', async () => {
    const on = ground()
    const { guard, events } = await watching(on)
    const { how, lives } = victim()
    const flag = join(on.runDir, 'flag')
    writeFileSync(flag, '')
    const endsMs = clock.nowMs() + 2000
    guard.extend(endsMs)
    guard.hold('db1', [how, ['rm', '-f', flag]])
    expect(await guard.held('db1', heldMs)).toBe(true)
    await until(() => !lives())
    expect(clock.nowMs()).toBeGreaterThanOrEqual(endsMs - 20)
    await until(() => events.length > 0)
    expect(existsSync(flag)).toBe(false)
    expect(events).toEqual([{ kind: 'severed', service: 'db1' }])
    expect(on.log()).toContain('the lease is over: db1 is ended by force')
  })

  test('leaves alone what is released, and what runs under a lease that goes on', async () => {
    const on = ground()
    const { guard, events } = await watching(on)
    const [released, kept] = [victim(), victim()]
    const firstMs = clock.nowMs() + 3000
    guard.extend(firstMs)
    guard.hold('a', [released.how])
    guard.hold('b', [kept.how])
    expect(await guard.held('a', heldMs)).toBe(true)
    expect(await guard.held('b', heldMs)).toBe(true)
    guard.release('a')
    guard.extend(firstMs + 2000)
    guard.extend(firstMs - 1000)
    await until(() => clock.nowMs() > firstMs + 500)
    expect([released.lives(), kept.lives(), events]).toEqual([true, true, []])
    await until(() => !kept.lives())
    expect(clock.nowMs()).toBeGreaterThanOrEqual(firstMs + 2000 - 20)
    expect(released.lives()).toBe(true)
  })

  test('outlives the daemon, and tells the next one until when the lease lasts and what is held', async () => {
    const on = ground()
    const { how, lives } = victim()
    const endsMs = clock.nowMs() + 3000
    mkdirSync(`${on.runDir}/guard`)
    writeFileSync(`${on.runDir}/guard/db1`, `${how.join('\0')}\0\0`)
    await exec.detach([program, '--dir', on.runDir], {})
    await until(() => existsSync(`${on.runDir}/guard.sock`))
    const former = createConnection({ path: `${on.runDir}/guard.sock` })
    former.write(`lease ${toGuard(clock, endsMs)}\nhold db1\n`)
    expect(await new Promise((resolve) => former.once('data', (text) => resolve(String(text))))).toBe(
      'held db1\n',
    )
    former.destroy()
    const pid = on.pid()
    const next = await on.daemon()
    expect(next.memory?.held).toEqual(['db1'])
    expect(next.memory?.leaseEndsMs).toBeLessThanOrEqual(endsMs)
    expect(next.memory?.leaseEndsMs).toBeGreaterThan(endsMs - 100)
    expect(next.holds('db1')).toBe(true)
    next.watch(terms)
    next.extend(clock.nowMs() + 60_000)
    next.hold('db1', [how])
    expect(await next.held('db1', heldMs)).toBe(true)
    await until(() => clock.nowMs() > endsMs + 500)
    expect([lives(), on.pid()]).toEqual([true, pid])
  })

  test('is begun again where it dies, and told everything anew', async () => {
    const on = ground()
    const { guard } = await watching(on)
    const { how, lives } = victim()
    guard.extend(clock.nowMs() + 3000)
    guard.hold('db1', [how])
    await guard.held('db1', heldMs)
    const first = on.pid() ?? 0
    process.kill(first, 'SIGKILL')
    await until(() => !guard.holds('db1'))
    expect(await guard.held('db1', heldMs)).toBe(true)
    expect(on.pid()).not.toBe(first)
    await until(() => !lives())
  })

  test.each([
    ['stop', 'trying on each second', ''],
    ['reboot', 'this node is reset now', 'b'],
  ] as const)(
    'with self_fence %s: what does not end in time is answered so',
    async (selfFence, said, reset) => {
      const on = ground()
      const { guard, events } = await watching(on, { stopMaxMs: 300, selfFence })
      const { how, lives } = victim()
      const missing = join(on.runDir, 'missing')
      guard.extend(clock.nowMs() + 100)
      guard.hold('db1', [['test', '-e', missing], how])
      await until(() => on.log().includes(said))
      expect(lives(), 'what comes behind an instruction that fails is done all the same').toBe(false)
      expect(readFileSync(on.resetPath, 'utf8')).toBe(reset)
      expect(events).toEqual([])
      writeFileSync(missing, '')
      await until(() => events.length > 0)
    },
  )

  test.each([
    ['stop', ''],
    ['reboot', 'b'],
  ] as const)(
    'with self_fence %s: a machine that stood still until its time was over gets no more of it',
    async (selfFence, reset) => {
      const on = ground()
      const { guard } = await watching(on, { stopMaxMs: 500, selfFence })
      const { how, lives } = victim()
      const endsMs = clock.nowMs() + 3000
      guard.extend(endsMs)
      guard.hold('db1', [how])
      expect(await guard.held('db1', heldMs)).toBe(true)
      const pid = on.pid() ?? 0
      process.kill(pid, 'SIGSTOP')
      await until(() => clock.nowMs() > endsMs + 600)
      expect([lives(), on.log()]).toEqual([true, expect.not.stringContaining('the lease is over')])
      process.kill(pid, 'SIGCONT')
      await until(() => on.log().includes('was not ended in its time'))
      await until(() => !lives())
      expect(readFileSync(on.resetPath, 'utf8')).toBe(reset)
    },
  )

  test.each([
    ['that was never told of a lease', false],
    ['that is begun anew behind the end of the lease', true],
  ])('gives what it is told then its time, and resets nothing: one %s', async (_, begunAnew) => {
    const on = ground()
    const { guard, events } = await watching(on, { stopMaxMs: 5000, selfFence: 'reboot' })
    const { how } = victim()
    if (begunAnew) {
      guard.extend(clock.nowMs() + 10)
      await until(() => on.pid() !== null)
      const first = on.pid() ?? 0
      process.kill(first, 'SIGKILL')
      await until(() => ![null, first].includes(on.pid()))
      const endedMs = clock.nowMs()
      // longer ago than what there is time for
      await until(() => clock.nowMs() > endedMs + 5500)
    }
    guard.hold('db1', [how])
    await until(() => events.some(({ kind }) => kind === 'severed'))
    expect(readFileSync(on.resetPath, 'utf8')).toBe('')
    expect(on.log()).not.toContain('was not ended')
  })

  test('says what it has to do without, and the daemon that finds it knows; the next guard says it of itself', async () => {
    const on = ground()
    await exec.detach([...hindered, program, '--dir', on.runDir], {})
    await until(() => existsSync(`${on.runDir}/guard.sock`))
    const { guard, events } = await watching(on)
    expect(guard.lacks).toEqual(all)
    expect(guard.lacks).toEqual(admitted(on.log()))
    const first = on.pid() ?? 0
    const before = on.log().length
    process.kill(first, 'SIGKILL')
    guard.extend(clock.nowMs() + 10_000)
    guard.hold('db1', [['true']])
    await until(() => ![null, first].includes(on.pid()))
    expect(await guard.held('db1', heldMs)).toBe(true)
    expect(guard.lacks).toEqual(admitted(on.log().slice(before)))
    expect(events).toEqual([])
  })

  test('says it to the daemon that has begun it, which remembers no guard of before for that', async () => {
    const on = ground()
    const begins = join(on.runDir, 'begins')
    writeFileSync(begins, `#!/bin/sh\nexec ${[...hindered, program].join(' ')} "$@"\n`, { mode: 0o755 })
    const guard = await on.daemon(begins)
    guard.watch(terms)
    await until(() => guard.lacks.length === all.length)
    expect(guard.lacks).toEqual(all)
    guard.extend(clock.nowMs() + 10_000)
    guard.hold('db1', [['true']])
    expect(await guard.held('db1', heldMs)).toBe(true)
    expect(guard.memory).toBeNull()
  })

  test.each(['status 12345 - db1\n', 'lacks its memory\nnews of a later guard\nstatus 12345 - db1\n'])(
    'is understood where it tells less, or more: %j',
    async (answer) => {
      const on = ground()
      const server = createServer((socket) => void socket.on('data', () => void socket.write(answer)))
      onTestFinished(() => void server.close())
      await once(server.listen(`${on.runDir}/guard.sock`), 'listening')
      const guard = await on.daemon()
      expect(guard.memory?.held).toEqual(['db1'])
      expect(guard.lacks).toEqual(answer.startsWith('lacks') ? ['its memory'] : [])
    },
  )

  test('does not hold what it has no instructions for', async () => {
    const on = ground()
    const { guard, events } = await watching(on)
    guard.extend(clock.nowMs() + 10_000)
    guard.hold('..', [['true']])
    await until(() => events.length > 0)
    expect(events[0]?.kind).toBe('trouble')
    expect(await guard.held('..', 100)).toBe(false)
  })

  test('goes when it is dismissed', async () => {
    const on = ground()
    const { guard } = await watching(on)
    const { how, lives } = victim()
    const endsMs = clock.nowMs() + 2000
    guard.extend(endsMs)
    guard.hold('db1', [how])
    await guard.held('db1', heldMs)
    guard.dismiss()
    await until(() => on.pid() === null)
    await until(() => clock.nowMs() > endsMs + 400)
    expect(lives()).toBe(true)
  })
})

/** What a guard is begun with that may do nothing of what keeps it at its work. */
const hindered = ['setpriv', '--bounding-set=-ipc_lock,-sys_nice,-sys_resource', 'prlimit', '--memlock=0']
const all = [
  expect.stringMatching(/^its memory cannot be locked: \w/),
  expect.stringMatching(/^it does not run before other processes: \w/),
  expect.stringMatching(/^it may be ended when memory is short: \w/),
]

/** What a guard has to do without, by its log. Not every machine allows its root everything. */
const admitted = (log: string): readonly string[] =>
  [...log.matchAll(/ guard: (it[^\n]*: [^\n]*)$/gm)].map(([, words]) => words ?? '')

test('a guard that does not begin is said once, and kept as why it does not run', async () => {
  const { runDir, resetPath } = ground()
  const ports = { clock, exec, files: systemFiles(), runDir, resetPath }
  const guard = (await systemGuard({ ...ports, program: '/bin/false' })) as Guard
  const events: GuardEvent[] = []
  guard.onEvent((event) => events.push(event))
  expect(guard.failure).toBeNull()
  guard.watch(terms)
  await until(() => guard.failure !== null)
  guard.dismiss()
  const message = `the guard /bin/false does not begin: see ${runDir}/guard.log`
  expect(guard.failure).toBe(message)
  expect(events).toEqual([{ kind: 'trouble', message }])
})
