// The programs of Debian's package fence-agents as they are: what they read, how they end, and in which words. Behind them are a file and a BMC of a few lines.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FencingAgent } from '../../src/core/fencing.js'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { setPower } from '../../src/daemon/agent/fencing.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lsu-agents-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const file = (name: string): string => join(directory, name)

const agent = (name: string, options: readonly string[], timeoutMs = 60_000): FencingAgent => ({
  agent: name,
  options,
  timeoutMs,
  retries: 0,
  delayMs: 0,
  powerOn: false,
})

const ordered = async (of: FencingAgent, to: 'off' | 'on'): Promise<string> => {
  const done = await setPower(systemExec(systemClock()), of, to)
  return done.ok ? `${to}: ${done.value}` : done.error.message
}

describe('fence_dummy', () => {
  const dummy = (...more: readonly string[]): FencingAgent =>
    agent('fence_dummy', [`status_file=${file('power')}`, ...more])

  test('powers off and on, and each is confirmed by its status', async () => {
    writeFileSync(file('power'), 'on')
    expect(await ordered(dummy(), 'off')).toBe('off: fence_dummy says that it is off')
    expect(readFileSync(file('power'), 'utf8')).toBe('off')
    expect(await ordered(dummy(), 'on')).toBe('on: fence_dummy says that it is on')
    expect(readFileSync(file('power'), 'utf8')).toBe('on')
  })

  test('one that is off already is confirmed', async () => {
    writeFileSync(file('power'), 'off')
    expect(await ordered(dummy(), 'off')).toBe('off: fence_dummy says that it is off')
  })

  test('one whose state is unknown is not', async () => {
    writeFileSync(file('power'), 'unknown')
    expect(await ordered(dummy(), 'off')).toBe(
      'fence_dummy answered 1 to off: Failed: Unable to obtain correct plug status or plug is not available',
    )
  })

  test('one that does not obey within its time is not', async () => {
    writeFileSync(file('power'), 'on')
    expect(await ordered(dummy('type=fail', 'plug=n1', 'power_timeout=1'), 'off')).toBe(
      'fence_dummy answered 1 to off: Failed: Timed out waiting to power OFF',
    )
    expect(readFileSync(file('power'), 'utf8')).toBe('on')
  })

  test('an agent that takes too long is ended', async () => {
    writeFileSync(file('power'), 'on')
    const slow = { ...dummy('delay=60'), timeoutMs: 1000 }
    expect(await ordered(slow, 'off')).toBe('fence_dummy did not answer to off within 1s')
    expect(readFileSync(file('power'), 'utf8')).toBe('on')
  })
})

describe('fence_ipmilan', () => {
  /** Says what it was asked, and is a BMC that answers, or one that does not. */
  const ipmilan = (answers: boolean): FencingAgent => {
    const bmc = `#!/bin/sh
echo "$*" >>${file('asked')}
${answers ? '' : 'echo "Error: Unable to establish LAN session" >&2; exit 1'}
case "$*" in
*' power status') echo "Chassis Power is $(cat ${file('power')})";;
*' power off') echo off >${file('power')};;
*' power on') echo on >${file('power')};;
esac
`
    writeFileSync(file('power'), 'on')
    writeFileSync(file('ipmitool'), bmc, { mode: 0o755 })
    writeFileSync(file('password'), "#!/bin/sh\necho 'se cret'\n", { mode: 0o755 })
    return agent('fence_ipmilan', [
      'ip=192.0.2.9',
      'username=admin',
      `password_script=${file('password')}`,
      `ipmitool_path=${file('ipmitool')}`,
      'power_wait=0',
    ])
  }

  test('powers off and on with a password that no configuration has', async () => {
    const bmc = ipmilan(true)
    expect(await ordered(bmc, 'off')).toBe('off: fence_ipmilan says that it is off')
    expect(readFileSync(file('power'), 'utf8')).toBe('off\n')
    expect(await ordered(bmc, 'on')).toBe('on: fence_ipmilan says that it is on')
    expect(readFileSync(file('power'), 'utf8')).toBe('on\n')
    expect(readFileSync(file('asked'), 'utf8')).toContain('-H 192.0.2.9 ')
    expect(readFileSync(file('asked'), 'utf8')).toContain('-U admin -P se cret ')
  })

  test('a BMC that does not answer confirms nothing', async () => {
    expect(await ordered(ipmilan(false), 'off')).toBe(
      'fence_ipmilan answered 1 to off: Failed: Unable to obtain correct plug status or plug is not available',
    )
  })

  test('without what it needs it says what', async () => {
    expect(await ordered(agent('fence_ipmilan', []), 'off')).toBe(
      "fence_ipmilan answered 1 to off: Failed: You have to enter fence address; Please use '-h' for usage",
    )
    expect(existsSync(file('asked'))).toBe(false)
  })
})
