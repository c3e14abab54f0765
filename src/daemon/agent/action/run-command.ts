import { fail, ok, type Failure, type Result } from '../../../core/result.js'
import { formatDuration } from '../../../core/units.js'
import { commandText } from '../../../resources/kit/command-text.js'
import type { CommandStep, Tool } from '../../../resources/driver.js'
import type { Clock, Exec, ExecResult } from '../../ports.js'

/** Longer output is cut in the middle: a log is read by people. */
const LINES_LOGGED = 200

export type Level = 'info' | 'warn' | 'error'
export type LogLine = (level: Level, message: string) => void

/** Where a command belongs: what bounds it, ends it, permits it and tells of it. */
export interface CommandFrame {
  readonly exec: Exec
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Monotonic milliseconds at which the action's time is over. */
  readonly deadlineMs: number
  /** Why no further command may begin; null while it may. */
  readonly mayContinue: () => string | null
  readonly env: Readonly<Record<string, string>>
  readonly tools: readonly Tool[]
  readonly log: LogLine
}

/** Runs one command, logged as it could be typed, with its output behind `output:`. */
export async function runCommand(step: CommandStep, frame: CommandFrame): Promise<Result<ExecResult>> {
  const denied = whyNot(frame)
  if (denied !== null) return { ok: false, error: denied }
  frame.log('info', commandText(step.argv))
  const leftMs = Math.max(frame.deadlineMs - frame.clock.nowMs(), 1)
  const timeoutMs = Math.min(step.timeoutMs ?? leftMs, leftMs)
  const result = await frame.exec.run(step.argv, {
    timeoutMs,
    signal: frame.signal,
    env: { ...frame.env, ...step.env },
    ...(step.input === undefined ? {} : { input: step.input }),
    ...(step.uid === undefined ? {} : { uid: step.uid }),
    ...(step.gid === undefined ? {} : { gid: step.gid }),
    ...(step.cwd === undefined ? {} : { cwd: step.cwd }),
  })
  const failure = failureOf(result, step, timeoutMs, frame)
  const lines = outputLines(result)
  if (failure !== null && step.tolerate !== true) return { ok: false, error: withDetails(failure, lines) }
  logOutput(lines, failure === null ? 'info' : 'warn', frame.log)
  return failure === null ? ok(result) : { ok: false, error: withDetails(failure, lines) }
}

/** An action whose time is over, that was ended, or that lost the right to act begins nothing more. */
export function whyNot(
  frame: Pick<CommandFrame, 'signal' | 'deadlineMs' | 'clock' | 'mayContinue'>,
): Failure | null {
  if (frame.signal.aborted) return { code: 'ABORTED', message: 'the action was ended' }
  const why = frame.mayContinue()
  if (why !== null) return { code: 'ABORTED', message: `the action was ended: ${why}` }
  if (frame.clock.nowMs() >= frame.deadlineMs)
    return { code: 'EXEC_TIMEOUT', message: 'the time for the action is over' }
  return null
}

function failureOf(
  result: ExecResult,
  step: CommandStep,
  timeoutMs: number,
  frame: CommandFrame,
): Failure | null {
  const text = commandText(step.argv)
  switch (result.outcome) {
    case 'exited':
      if ((step.okExits ?? [0]).includes(result.exit)) return null
      return {
        code: 'EXEC_FAILED',
        message: `${text} failed with exit code ${result.exit}${complaint(result)}`,
      }
    case 'signalled':
      return { code: 'EXEC_FAILED', message: `${text} was ended by a signal${complaint(result)}` }
    case 'timeout':
      return {
        code: 'EXEC_TIMEOUT',
        message: `${text} did not end within ${seconds(timeoutMs)} and was killed with its process group`,
      }
    case 'aborted':
      return { code: 'ABORTED', message: `${text} was killed because the action was ended` }
    case 'stuck':
      return {
        code: 'EXEC_STUCK',
        message: `${text} outlived SIGKILL and was left behind: it hangs in the kernel, look for a dead disk or server`,
      }
    case 'missing':
      return { code: 'UNAVAILABLE', message: missing(result, frame.tools) }
  }
}

/** The first line in which the command says what is wrong. */
function complaint(result: ExecResult): string {
  const line = outputLines({ stdout: '', stderr: result.stderr })[0] ?? outputLines(result)[0]
  return line === undefined ? '' : `: ${line}`
}

function missing(result: ExecResult, tools: readonly Tool[]): string {
  const command = result.argv[0] ?? ''
  const tool = tools.find((one) => one.command === command)
  if (tool !== undefined) return `${command} is not on this node: install the package ${tool.package}`
  return `${command} cannot be run on this node${complaint(result)}`
}

function outputLines(result: Pick<ExecResult, 'stdout' | 'stderr'>): readonly string[] {
  return `${result.stdout}\n${result.stderr}`
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
}

function logOutput(lines: readonly string[], level: Level, log: LogLine): void {
  if (lines.length === 0) return
  log(level, 'output:')
  for (const line of shortened(lines)) log(level, line)
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_LOGGED) return lines
  const half = LINES_LOGGED / 2
  return [...lines.slice(0, half), `… ${lines.length - 2 * half} more lines`, ...lines.slice(-half)]
}

const withDetails = (failure: Failure, lines: readonly string[]): Failure =>
  lines.length === 0 ? failure : { ...failure, details: shortened(lines) }

const seconds = (ms: number): string => formatDuration(Math.max(100, Math.round(ms / 100) * 100))

/** Puts a failure into the log: its sentence, then what the command printed. */
export function logFailure(failure: Failure, level: Level, log: LogLine): void {
  log(level, failure.message)
  if (failure.details === undefined || failure.details.length === 0) return
  log(level, 'output:')
  for (const line of failure.details) log(level, line)
}

export const timeUp = (limitMs: number): Result<never> =>
  fail('EXEC_TIMEOUT', `it did not end within ${seconds(limitMs)}`)
