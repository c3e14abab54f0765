import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/daemon/adapters/clock.js'
import { systemExec } from '../../src/daemon/adapters/exec.js'
import { endLeftovers, execRecord, noRecord } from '../../src/daemon/adapters/exec-record.js'
import { takePrecedence } from '../../src/daemon/adapters/priority.js'
import type { Clock, Exec, ExecOptions, ExecResult } from '../../src/daemon/ports.js'
import { VirtualClock } from '../sim/virtual-clock.js'

const exec = systemExec(systemClock())
const sh = (script: string, options: Partial<ExecOptions> = {}): Promise<ExecResult> =>
  exec.run(['/bin/sh', '-c', script], { timeoutMs: 20_000, ...options })

describe('what a command ends as', () => {
  test.each([
    ['success', 'echo out; echo err >&2', { outcome: 'exited', exit: 0, stdout: 'out\n', stderr: 'err\n' }],
    ['an exit code', 'exit 7', { outcome: 'exited', exit: 7, stdout: '', stderr: '' }],
    ['a signal of its own', 'kill -TERM $$', { outcome: 'signalled', exit: -1, stdout: '', stderr: '' }],
    [
      'a daemon left behind that holds the pipe',
      'sleep 3 & echo started',
      { outcome: 'exited', exit: 0, stdout: 'started\n' },
    ],
  ])('%s', async (_, script, expected) => {
    expect(await sh(script)).toMatchObject(expected)
  })

  test.each([
    [
      'no such command',
      ['lsu-no-such-command'],
      'missing',
      'could not start lsu-no-such-command: no such file or directory',
    ],
    ['a command below a file', ['/etc/passwd/true'], 'missing', 'not a directory'],
    ['a file that cannot be run', ['/etc/passwd'], 'missing', 'permission denied'],
    ['a NUL in an argument', ['echo', 'a\0b'], 'exited', 'null bytes'],
    ['no command at all', [], 'exited', 'could not start'],
  ])('%s', async (_, argv, outcome, words) => {
    const result = await exec.run(argv, { timeoutMs: 1000 })
    expect(result).toMatchObject({ outcome, exit: -1, stdout: '' })
    expect(result.stderr).toContain(words)
  })

  test.each(['/lsu/none', '/etc/passwd'])('a working directory that there is not: %s', async (cwd) => {
    const result = await sh('true', { cwd })
    expect(result.outcome).toBe('missing')
    expect(result.stderr).toContain(`in ${cwd}: `)
  })
})

describe('the time limit ends everything that the command started', () => {
  test.each([
    ['one that ignores TERM', 'trap "" TERM INT HUP; echo $$; while :; do sleep 1; done'],
    ['a grandchild that holds the pipe', 'sleep 31 & echo $$; sleep 32'],
    ['a child that has ended, but whose grandchild is busy', 'echo $$; sleep 33'],
  ])('%s', async (_, script) => {
    const result = await sh(script, { timeoutMs: 300 })
    expect(result).toMatchObject({ outcome: 'timeout', exit: -1 })
    expect(await runningInGroup(Number(result.stdout))).toEqual([])
  })

  test('a grandchild in a session of its own that holds the pipe delays nothing', async () => {
    const result = await sh('setsid sleep 3 & echo $$; sleep 30', { timeoutMs: 300 })
    expect(result.outcome).toBe('timeout')
  })

  test('an abort does the same', async () => {
    const abort = new AbortController()
    const running = sh('echo $$; sleep 30 & sleep 31', { signal: abort.signal })
    setTimeout(() => abort.abort(), 200)
    const result = await running
    expect(result.outcome).toBe('aborted')
    expect(await runningInGroup(Number(result.stdout))).toEqual([])
  })

  test('a command that is aborted beforehand is never started', async () => {
    const result = await exec.run(['lsu-no-such-command'], { timeoutMs: 1000, signal: AbortSignal.abort() })
    expect(result.outcome).toBe('aborted')
  })

  // A frozen cgroup (v1) keeps its processes from dying, as a dead disk does.
  test.runIf(existsSync('/sys/fs/cgroup/freezer'))(
    'one that outlives SIGKILL is left behind, and said so',
    async () => {
      const cgroup = `/sys/fs/cgroup/freezer/lsu-${process.pid}`
      mkdirSync(cgroup)
      const abort = new AbortController()
      const running = systemExec(systemClock(), noRecord, 300).run(
        [
          '/bin/sh',
          '-c',
          `echo $$ > ${cgroup}/cgroup.procs; echo in; echo FROZEN > ${cgroup}/freezer.state; sleep 1`,
        ],
        { timeoutMs: 20_000, signal: abort.signal },
      )
      onTestFinished(async () => {
        writeFileSync(`${cgroup}/freezer.state`, 'THAWED')
        while ((await readFile(`${cgroup}/cgroup.procs`, 'utf8')) !== '')
          await new Promise((go) => setTimeout(go, 20))
        rmdirSync(cgroup)
      })
      while (!(await readFile(`${cgroup}/freezer.state`, 'utf8')).includes('FR'))
        await new Promise((go) => setTimeout(go, 20))
      abort.abort()
      const result = await running
      expect(result).toMatchObject({ outcome: 'stuck', exit: -1, stdout: 'in\n' })
      expect(result.stderr).toMatch(/^process group \d+ outlived SIGKILL and was left behind/)
    },
  )
})

describe('output', () => {
  test('more than the bound is cut in the middle and said so', async () => {
    const result = await sh('echo first; yes | head -c 3000000; echo last', { maxOutputBytes: 1000 })
    expect(result.stdout).toMatch(/^first\ny\n[^]*\n\[… 2999011 bytes left out …\]\n[^]*y\nlast\n$/)
    expect(result.stdout.length).toBeLessThan(1100)
  })

  test('as much as the bound is whole, characters at the border too', async () => {
    const result = await sh('printf "aä€😀"', { maxOutputBytes: 10 })
    expect(result.stdout).toBe('aä€😀')
  })

  test('two floods at once and a time limit', async () => {
    const result = await sh('yes >&2 & yes', { timeoutMs: 300, maxOutputBytes: 4096 })
    expect(result.outcome).toBe('timeout')
    expect(result.stdout).toContain('bytes left out')
    expect(result.stderr).toContain('bytes left out')
  })
})

describe('surroundings', () => {
  test('the environment is minimal', async () => {
    process.env['LSU_SECRET'] = 'x'
    const result = await sh('env | cut -d= -f1 | sort | tr "\\n" " "; echo; echo $LC_ALL; echo $EXTRA', {
      env: { EXTRA: 'more' },
    })
    expect(result.stdout).toBe('EXTRA LC_ALL PATH PWD \nC\nmore\n')
    expect((await sh('echo $PATH')).stdout).toContain('/usr/sbin')
  })

  test.skipIf(process.getuid?.() !== 0)(
    'a command does not go before others as its daemon does',
    async () => {
      const before = getPriority()
      onTestFinished(() => setPriority(before))
      takePrecedence()
      expect(getPriority()).toBe(-20)
      expect((await sh('sleep 0.2; nice')).stdout).toBe('0\n')
    },
  )

  test('input, also to a command that does not read it', async () => {
    expect((await exec.run(['cat'], { timeoutMs: 5000, input: 'in' })).stdout).toBe('in')
    expect(await exec.run(['true'], { timeoutMs: 5000, input: 'x'.repeat(1 << 20) })).toMatchObject({
      exit: 0,
    })
  })

  test('user and group', async () => {
    const result = await sh('id -u; id -g; id -G', { uid: 65534, gid: 65534 })
    expect(result.stdout).toBe('65534\n65534\n65534\n')
  })
})

describe('follow', () => {
  test('hands over each line, and the end once', async () => {
    const lines: string[] = []
    const result = await new Promise<ExecResult>((resolve) => {
      exec.follow(
        ['/bin/sh', '-c', 'printf "a\\nb"; sleep 0.1; printf "c\\n"; echo no >&2; exit 3'],
        (line) => lines.push(line),
        resolve,
      )
    })
    expect(lines).toEqual(['a', 'bc'])
    expect(result).toMatchObject({ outcome: 'exited', exit: 3, stderr: 'no\n' })
  })

  test('cancel ends the whole group', async () => {
    const seen = new Promise<{ group: number; result: Promise<ExecResult> }>((resolve) => {
      let end: (result: ExecResult) => void
      const result = new Promise<ExecResult>((settle) => (end = settle))
      const cancel = exec.follow(
        ['/bin/sh', '-c', 'sleep 40 & echo $$; sleep 41'],
        (line) => {
          cancel()
          resolve({ group: Number(line), result })
        },
        (ended) => end(ended),
      )
    })
    const { group, result } = await seen
    expect((await result).outcome).toBe('aborted')
    expect(await runningInGroup(group)).toEqual([])
  })

  test('a command that is missing ends at once', async () => {
    const result = await new Promise<ExecResult>((resolve) => {
      exec.follow(['lsu-no-such-command'], () => undefined, resolve)
    })
    expect(result.outcome).toBe('missing')
  })
})

describe('detach', () => {
  test('starts a process in a session of its own', async () => {
    const started = await exec.detach(['sleep', '30'], {})
    if (!started.ok) throw new Error(started.error.message)
    onTestFinished(() => void process.kill(started.value, 'SIGKILL'))
    const fields = (await readFile(`/proc/${started.value}/stat`, 'utf8')).split(') ')[1]!.split(' ')
    expect(Number(fields[3])).toBe(started.value)
    expect(await exec.run(['readlink', `/proc/${started.value}/fd/1`], { timeoutMs: 5000 })).toMatchObject({
      stdout: '/dev/null\n',
    })
  })

  test('says so where there is no such command', async () => {
    expect(await exec.detach(['lsu-no-such-command'], {})).toMatchObject({
      ok: false,
      error: { code: 'EXEC_FAILED' },
    })
  })
})

/** Commands of what runs in a process group, zombies aside. */
async function runningInGroup(group: number): Promise<readonly string[]> {
  expect(group).toBeGreaterThan(1)
  const { stdout } = await exec.run(['ps', '-e', '-o', 'pgid=,state=,comm='], { timeoutMs: 5000 })
  return stdout
    .split('\n')
    .filter((line) => Number(line.trim().split(/\s+/)[0]) === group && !/ Z /.test(line))
}

describe('what a daemon leaves running when it is killed', () => {
  const recorder = (clock: Clock = systemClock()): { readonly directory: string; readonly exec: Exec } => {
    const directory = mkdtempSync(join(tmpdir(), 'lsu-commands-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    return { directory, exec: systemExec(systemClock(), execRecord(directory, clock)) }
  }
  const recorded = (): { readonly directory: string; readonly run: () => Promise<ExecResult> } => {
    const { directory, exec } = recorder()
    return { directory, run: () => exec.run(['/bin/sh', '-c', 'sleep 30 & wait'], { timeoutMs: 20_000 }) }
  }

  test('is ended by the next one, with all of its group, and named', async () => {
    const { directory, run } = recorded()
    const running = run()
    while (readdirSync(directory).length === 0) await new Promise((go) => setTimeout(go, 20))
    expect(endLeftovers(directory)).toEqual(['/bin/sh -c sleep 30 & wait'])
    expect(await running).toMatchObject({ outcome: 'signalled' })
    expect(readdirSync(directory)).toEqual([])
  })

  test('is known of what changes something as soon as it has begun, of a look once it lasts', async () => {
    const clock = new VirtualClock()
    const { directory, exec } = recorder(clock)
    const over = new AbortController()
    const options = { timeoutMs: 20_000, signal: over.signal }
    const known = (): readonly string[] =>
      readdirSync(directory).map((name) => {
        const { argv } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as { argv: string[] }
        return argv.join(' ')
      })
    // Each begins behind the one before it.
    const look = exec.run(['/bin/sleep', '31'], options)
    const change = exec.run(['/bin/sleep', '32'], { ...options, changes: true })
    while (known().length === 0) await new Promise((go) => setTimeout(go, 20))
    expect(known()).toEqual(['/bin/sleep 32'])
    clock.pass(100)
    expect(known().toSorted()).toEqual(['/bin/sleep 31', '/bin/sleep 32'])
    over.abort()
    expect(await Promise.all([look, change])).toMatchObject([{ outcome: 'aborted' }, { outcome: 'aborted' }])
    expect(readdirSync(directory)).toEqual([])
  })

  test('is left alone where its process id belongs to another one by now, or the record was cut off', async () => {
    const { directory, run } = recorded()
    const running = run()
    while (readdirSync(directory).length === 0) await new Promise((go) => setTimeout(go, 20))
    const [name = ''] = readdirSync(directory)
    const text = readFileSync(join(directory, name), 'utf8')
    writeFileSync(join(directory, name), text.replace(/"beganAt":"\d+"/, '"beganAt":"1"'))
    writeFileSync(join(directory, '1'), '{"beganAt"')
    expect(endLeftovers(directory)).toEqual([])
    expect(readdirSync(directory)).toEqual([])
    process.kill(-Number(name), 'SIGKILL')
    expect(await running).toMatchObject({ outcome: 'signalled' })
  })
})
