import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { fail, ok, type Result } from '../../core/result.js'
import { formatDuration } from '../../core/units.js'
import type { ClusterStatus, DaemonStatus, MessageAnswer } from '../../daemon/api/contract.js'
import type { Action, Call } from '../command.js'
import { daemonCommand } from '../installation.js'
import { durationOption } from '../options.js'
import { refuse, show } from '../output.js'
import { elapsed } from '../render/svcmon-nodes.js'

const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 60_000
const SHUTDOWN_LIMIT_MS = 600_000
const POLL_MS = 50

/** Starts omd and returns once it answers; already so where one answers. */
export const start: Action = async (call) => {
  const time = durationOption(call.options, 'time')
  if (!time.ok) return refuse(call.terminal, time.error)
  const running = await ask(call)
  if (running.ok) {
    return say(call, `omd is already running on this node (pid ${running.value.daemon.pid})`)
  }
  if (call.options.flag('foreground')) return foreground(call)
  const started = await launch(call, time.value ?? START_LIMIT_MS)
  return started.ok ? say(call, started.value) : refuse(call.terminal, started.error)
}

export const stop: Action = (call) => end(call, 'stop', STOP_LIMIT_MS)

/** Services first. */
export const shutdown: Action = (call) => end(call, 'shutdown', SHUTDOWN_LIMIT_MS)

export const restart: Action = async (call) => {
  const stopped = await end(call, 'stop', STOP_LIMIT_MS)
  return stopped === 0 ? start(call) : stopped
}

export const status: Action = async (call) => {
  const answer = await ask(call)
  if (!answer.ok) return refuse(call.terminal, answer.error)
  const { daemon, wallMs, node } = answer.value
  const uptime = elapsed(wallMs - daemon.startedWallMs)
  await show(call, { node, ...daemon }, () => [
    `omd ${daemon.version} is running on ${node} (pid ${daemon.pid}) for ${uptime}`,
    ...delayLines(daemon),
  ])
  return 0
}

function delayLines({ loopDelay }: DaemonStatus): readonly string[] {
  if (loopDelay === null) return []
  const [p99, max] = [loopDelay.p99Ms, loopDelay.maxMs].map((ms) => ms.toFixed(1))
  return [`delay of its event loop in the last minute: ${p99} ms (99 of 100), ${max} ms at most`]
}

const ask = (call: Call): Promise<Result<ClusterStatus>> => call.client.get<ClusterStatus>('/api/status')

async function say(call: Call, message: string): Promise<number> {
  await show(call, { message }, () => [message])
  return 0
}

/** What the daemon says before its log is open goes to a file beside its socket. */
async function launch(call: Call, limitMs: number): Promise<Result<string>> {
  const runDirectory = dirname(call.client.socketPath)
  const output = join(runDirectory, 'omd.out')
  try {
    makeDirectory(runDirectory)
    const file = openSync(output, 'w', 0o600)
    const child = spawn(...daemonCommand(), {
      detached: true,
      cwd: '/',
      stdio: ['ignore', file, file],
    })
    closeSync(file)
    return await answered(call, child, output, limitMs)
  } catch (error) {
    const { errno = 0, message } = error as NodeJS.ErrnoException
    const why = getSystemErrorMap().get(errno)?.[1] ?? message
    return fail('UNAVAILABLE', `omd cannot be started: ${runDirectory} cannot be written: ${why}`)
  }
}

/** Node's own recursive variant answers ENOENT on a read-only filesystem, and never ends in /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path)
}

async function answered(
  call: Call,
  child: ChildProcess,
  output: string,
  limitMs: number,
): Promise<Result<string>> {
  const fate: { ended?: string } = {}
  child.on('error', (error) => (fate.ended = error.message))
  child.on('exit', (code, signal) => (fate.ended = signal ?? `exit code ${code ?? -1}`))
  child.unref()
  const deadlineMs = performance.now() + limitMs
  while (fate.ended === undefined && performance.now() < deadlineMs) {
    await pause()
    const answer = await ask(call)
    if (answer.ok) return ok(`omd is running on ${answer.value.node} (pid ${answer.value.daemon.pid})`)
  }
  const said = await tail(output)
  if (fate.ended !== undefined) return fail('UNAVAILABLE', `omd ended at once (${fate.ended})`, said)
  const late = `omd was started and does not answer after ${formatDuration(limitMs)}: see ${output}`
  return fail('UNAVAILABLE', late, said)
}

async function tail(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .trimEnd()
    .split('\n')
    .slice(-20)
    .filter((line) => line !== '')
}

function foreground(call: Call): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(...daemonCommand(), { stdio: 'inherit' })
    const forget = call.terminal.onInterrupt(() => child.kill('SIGTERM'))
    child.on('error', (error) => {
      forget()
      resolve(
        refuse(call.terminal, { code: 'UNAVAILABLE', message: `omd cannot be started: ${error.message}` }),
      )
    })
    child.on('close', (code) => {
      forget()
      resolve(code ?? 1)
    })
  })
}

async function end(call: Call, how: 'stop' | 'shutdown', defaultLimitMs: number): Promise<number> {
  const time = durationOption(call.options, 'time')
  if (!time.ok) return refuse(call.terminal, time.error)
  const limitMs = time.value ?? defaultLimitMs
  const running = await ask(call)
  if (!running.ok) {
    return /not running/.test(running.error.message)
      ? say(call, 'omd is not running on this node')
      : refuse(call.terminal, running.error)
  }
  const deadlineMs = performance.now() + limitMs
  const answer = await call.client.post<MessageAnswer>(`/api/daemon/${how}`, {}, limitMs)
  if (!answer.ok) return refuse(call.terminal, answer.error)
  const { pid } = running.value.daemon
  while (performance.now() < deadlineMs) {
    if (!lives(pid)) return say(call, answer.value.message)
    await pause()
  }
  const message = `omd (pid ${pid}) was asked to stop and is still there after ${formatDuration(limitMs)}`
  return refuse(call.terminal, { code: 'UNAVAILABLE', message })
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, POLL_MS))
