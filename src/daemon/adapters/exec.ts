import { spawn as spawnChild, type ChildProcess as Child } from 'node:child_process'
import { fail, ok, type Result } from '../../core/result.js'
import type { Cancel, Clock, Exec, ExecOptions, ExecOutcome, ExecResult } from '../ports.js'
import { errorCode, systemFailure } from './errno.js'
import { groupIsAlive, killGroup } from './exec-group.js'
import { noRecord, type ExecRecord } from './exec-record.js'
import { boundedOutput, lineSplitter, type BoundedOutput } from './exec-output.js'
import { oneATurn } from './exec-turns.js'
import { asOthers } from './priority.js'

/** A child that outlives SIGKILL for this long hangs in the kernel (state D) and is left behind. */
const STUCK_MS = 5_000

/** After the child's end its last output is awaited this long: a grandchild may hold the pipe for ever. */
const DRAIN_MS = 200

/** How often a killed group is looked at while it lasts. */
const GONE_POLL_MS = 20

const DEFAULT_OUTPUT_BYTES = 1024 * 1024

/** Of a follower only the end of what it complained is kept. */
const FOLLOW_STDERR_BYTES = 64 * 1024

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Child processes, each the leader of a process group of its own, so that a time limit ends everything that it has started.
 * `record` keeps what runs for the daemon that comes after this one; `stuckMs` replaces the five seconds that a group may outlive SIGKILL.
 */
export function systemExec(clock: Clock, record: ExecRecord = noRecord, stuckMs = STUCK_MS): Exec {
  const surroundings = { clock, record, stuckMs, turn: oneATurn() }
  return {
    run: (argv, options) => run(surroundings, argv, options),
    follow: (argv, onLine, onEnd) => follow(surroundings, argv, onLine, onEnd),
    detach,
  }
}

interface Surroundings {
  readonly clock: Clock
  readonly record: ExecRecord
  readonly stuckMs: number
  /** Resolves when the next command may begin. */
  readonly turn: () => Promise<void>
}

/** What ended a child: its exit, with the outcome that this means, or the failure to start it. */
interface Ending {
  readonly outcome: ExecOutcome
  readonly exit: number
  readonly complaint: string
}

async function run(o: Surroundings, argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const { clock } = o
  const startMs = clock.nowMs()
  const limit = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES
  const stdout = boundedOutput(limit)
  const stderr = boundedOutput(limit)
  const ending = await runToEnd(o, argv, options, stdout, stderr)
  return {
    argv,
    outcome: ending.outcome,
    exit: ending.exit,
    stdout: stdout.text(),
    stderr: stderr.text() + ending.complaint,
    durationMs: clock.nowMs() - startMs,
  }
}

async function runToEnd(
  { clock, record, stuckMs, turn }: Surroundings,
  argv: readonly string[],
  options: ExecOptions,
  stdout: BoundedOutput,
  stderr: BoundedOutput,
): Promise<Ending> {
  const untilMs = clock.nowMs() + options.timeoutMs
  await turn()
  const denied = notBegun(clock, options, untilMs)
  if (denied !== null) return { outcome: denied, exit: -1, complaint: '' }
  const child = trySpawn(argv, options)
  if ('outcome' in child) return child
  if (child.pid === undefined) return startFailure(child, argv, options)
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk))
  const over = record.begun(child.pid, argv, options.changes === true ? 'change' : 'look')
  const ended = endOf(child)
  void ended.then(over)
  const why = await Promise.race([ended, limitOf(clock, options, untilMs, ended)])
  if (typeof why === 'object') return why
  return killed(clock, stuckMs, child, child.pid, ended, why)
}

/** Others began before it: what permitted a command when it was asked for may be gone, and so may its time. */
function notBegun(clock: Clock, options: ExecOptions, untilMs: number): 'timeout' | 'aborted' | null {
  if (options.mayBegin?.() === false || options.signal?.aborted === true) return 'aborted'
  return clock.nowMs() < untilMs ? null : 'timeout'
}

/** Resolves once the time is over or the command is aborted; lets go of both once it has ended. */
function limitOf(
  clock: Clock,
  options: ExecOptions,
  untilMs: number,
  ended: Promise<Ending>,
): Promise<'timeout' | 'aborted'> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve('aborted')
    const cancel = clock.at(untilMs, () => resolve('timeout'))
    options.signal?.addEventListener('abort', onAbort, { once: true })
    void ended.then(() => {
      cancel()
      options.signal?.removeEventListener('abort', onAbort)
    })
  })
}

/** Kills the group and waits until nothing of it runs any more, or until it is clear that SIGKILL does not reach it. */
async function killed(
  clock: Clock,
  stuckMs: number,
  child: Child,
  group: number,
  ended: Promise<Ending>,
  why: 'timeout' | 'aborted',
): Promise<Ending> {
  const untilMs = clock.nowMs() + stuckMs
  killGroup(group)
  // As a rule the child was all there was of its group, and its end is told at once.
  await Promise.race([ended, sleep(GONE_POLL_MS)])
  while (await groupIsAlive(group)) {
    if (clock.nowMs() >= untilMs) return leaveBehind(child, group)
    await sleep(GONE_POLL_MS)
    killGroup(group)
  }
  await Promise.race([ended, sleep(DRAIN_MS)])
  return { outcome: why, exit: -1, complaint: '' }
}

function leaveBehind(child: Child, group: number): Ending {
  child.stdout?.destroy()
  child.stderr?.destroy()
  child.unref()
  return {
    outcome: 'stuck',
    exit: -1,
    complaint: `process group ${group} outlived SIGKILL and was left behind\n`,
  }
}

function follow(
  { clock, record }: Surroundings,
  argv: readonly string[],
  onLine: (line: string) => void,
  onEnd: (result: ExecResult) => void,
): Cancel {
  const startMs = clock.nowMs()
  const stderr = boundedOutput(FOLLOW_STDERR_BYTES)
  const child = trySpawn(argv, {})
  let cancelled = false
  const finish = (ending: Ending): void =>
    onEnd({
      argv,
      outcome: cancelled ? 'aborted' : ending.outcome,
      exit: cancelled ? -1 : ending.exit,
      stdout: '',
      stderr: stderr.text() + ending.complaint,
      durationMs: clock.nowMs() - startMs,
    })
  if ('outcome' in child) {
    queueMicrotask(() => finish(child))
    return () => undefined
  }
  child.stdout?.on('data', lineSplitter(onLine))
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk))
  const over = child.pid === undefined ? () => undefined : record.begun(child.pid, argv, 'look')
  void (child.pid === undefined ? startFailure(child, argv, {}) : endOf(child)).then((ending) => {
    over()
    finish(ending)
  })
  return () => {
    cancelled = true
    if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid)
  }
}

async function detach(
  argv: readonly string[],
  options: Parameters<Exec['detach']>[1],
): Promise<Result<number>> {
  const child = trySpawn(argv, options, 'ignore')
  if ('outcome' in child) return fail('EXEC_FAILED', child.complaint.trimEnd())
  if (child.pid === undefined)
    return fail('EXEC_FAILED', (await startFailure(child, argv, options)).complaint.trimEnd())
  child.unref()
  return ok(child.pid)
}

type SpawnOptions = Pick<ExecOptions, 'input' | 'env' | 'cwd' | 'uid' | 'gid'>

/** Of most failures to start a command Node tells in the child's own time, of some at once: of a NUL in an argument, or a directory that is none. */
function trySpawn(
  argv: readonly string[],
  options: SpawnOptions,
  output: 'pipe' | 'ignore' = 'pipe',
): Child | Ending {
  try {
    return spawn(argv, options, output)
  } catch (error) {
    return notStarted(error, argv, options)
  }
}

function spawn(
  [command = '', ...words]: readonly string[],
  { input, cwd, uid, gid, env }: SpawnOptions,
  output: 'pipe' | 'ignore',
): Child {
  const child = spawnChild(command, words, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    stdio: [input === undefined ? 'ignore' : 'pipe', output, output],
    env: { ...environment(), ...env },
    detached: true,
  })
  // One that does not read all of its input may have ended well; what its output comes to, its end tells.
  for (const stream of child.stdio) stream?.on('error', () => undefined)
  child.stdin?.end(input)
  if (child.pid !== undefined) asOthers(child.pid)
  return child
}

function environment(): Record<string, string> {
  const lent = LENT.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { PATH, LC_ALL: 'C', ...Object.fromEntries(lent) }
}

/** By which the engines' commands find the engine or its configuration, where that is not in its usual place. */
const LENT = ['DOCKER_HOST', 'CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF']

/** Resolves when the child is gone and its output is complete, or does not come to an end because a grandchild holds the pipe. */
function endOf(child: Child): Promise<Ending> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const ending: Ending = {
        outcome: signal === null ? 'exited' : 'signalled',
        exit: code ?? -1,
        complaint: '',
      }
      const drained = setTimeout(() => resolve(ending), DRAIN_MS)
      child.once('close', () => {
        clearTimeout(drained)
        resolve(ending)
      })
    })
  })
}

const MISSING = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ENOEXEC'])

const startFailure = (child: Child, argv: readonly string[], options: SpawnOptions): Promise<Ending> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error, argv, options)))
  })

/** There never was a process: no such command or working directory, no permission, no memory. */
function notStarted(error: unknown, argv: readonly string[], { cwd }: SpawnOptions): Ending {
  const what = `could not start ${argv[0] ?? ''}${cwd === undefined ? '' : ` in ${cwd}`}`
  const outcome = MISSING.has(errorCode(error)) ? 'missing' : 'exited'
  return { outcome, exit: -1, complaint: `${systemFailure(what, error).message}\n` }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
