import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FencingAgent } from '../../../src/core/fencing.js'
import { systemClock } from '../../../src/daemon/adapters/clock.js'
import { systemExec } from '../../../src/daemon/adapters/exec.js'
import { setPower } from '../../../src/daemon/agent/fencing.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lsu-fence-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A program that notes what it was told, and ends as the case says: `set` (off, on) and `status` are shell, `$n` the number of the call. */
function agent(set: string, status: string, more: Partial<FencingAgent> = {}): FencingAgent {
  const path = join(directory, 'fence_case')
  const script = `#!/bin/sh
cat > ${directory}/input; cat ${directory}/input >> ${directory}/told
echo >> ${directory}/calls; n=$(wc -l < ${directory}/calls)
case $(head -1 ${directory}/input) in action=off|action=on) ${set};; action=status) ${status};; esac`
  writeFileSync(path, script, { mode: 0o755 })
  return {
    agent: path,
    options: ['ip=192.0.2.9', 'password=secret'],
    timeoutMs: 10_000,
    retries: 0,
    delayMs: 0,
    powerOn: false,
    ...more,
  }
}

const ordered = async (of: FencingAgent, to: 'off' | 'on' = 'off'): Promise<string> => {
  const done = await setPower(systemExec(systemClock()), of, to)
  return done.ok ? `${to}: ${done.value}` : done.error.message
}
const told = (): string => readFileSync(join(directory, 'told'), 'utf8')

test('powers off, asks whether it is, and passes what it needs on standard input', async () => {
  expect(await ordered(agent('exit 0', 'exit 2'))).toMatch(/^off: .*fence_case says that it is off$/)
  expect(told()).toBe(
    'action=off\nip=192.0.2.9\npassword=secret\naction=status\nip=192.0.2.9\npassword=secret\n',
  )
})

test.each([
  ['the agent fails', 'echo no route to host >&2; exit 1', 'exit 2', /answered 1 to off: no route to host$/],
  [
    'its Python warns besides',
    'echo "fence:5: DeprecationWarning" >&2; echo "2026-01-01 10:00:00,1 ERROR: Failed: no login" >&2; exit 1',
    'exit 2',
    /answered 1 to off: Failed: no login$/,
  ],
  ['the node is still on', 'exit 0', 'exit 0', /answered 0 to status$/],
  ['its state cannot be read', 'exit 0', 'echo timeout >&2; exit 1', /answered 1 to status: timeout$/],
])('is not confirmed where %s', async (_, off, status, words) => {
  expect(await ordered(agent(off, status))).toMatch(words)
})

test('powers on, and asks whether it is', async () => {
  expect(await ordered(agent('exit 0', 'exit 0'), 'on')).toMatch(/^on: .*fence_case says that it is on$/)
  expect(told()).toMatch(/^action=on\n[^]*\naction=status\n/)
})

test.each([
  ['the agent fails', 'echo no power >&2; exit 1', 'exit 0', /answered 1 to on: no power$/],
  ['the node stays off', 'exit 0', 'exit 2', /answered 2 to status$/],
])('is not on where %s', async (_, on, status, words) => {
  expect(await ordered(agent(on, status), 'on')).toMatch(words)
})

test('an agent that hangs is killed, and said so', async () => {
  expect(await ordered(agent('sleep 30', 'exit 2', { timeoutMs: 200 }))).toMatch(
    /did not answer to off within/,
  )
})

test('a second try may succeed', async () => {
  expect(await ordered(agent('test $n -gt 1', 'exit 2', { retries: 1 }))).toMatch(/^off: /)
})

test('an agent that is not there names the package', async () => {
  expect(await ordered({ ...agent('', ''), agent: 'fence_lsu_none' })).toBe(
    'fence_lsu_none is not on this node: install the package fence-agents',
  )
})
