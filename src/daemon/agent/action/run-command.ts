import { fail, ok, type Failure, type Result } from '../../../core/result.js'
import { commandFailure, outputLines, rounded } from '../../../resources/kit/command-failure.js'
import { commandText } from '../../../resources/kit/command-text.js'
import type { CommandStep, Tool } from '../../../resources/driver.js'
import type { Clock, Exec, ExecResult } from '../../ports.js'

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
  /** Called when a command is under way. */
  readonly begun?: () => void
}

/** Runs one command, logged as it could be typed, with its output behind `output:`. */
export async function runCommand(step: CommandStep, frame: CommandFrame): Promise<Result<ExecResult>> {
  const denied = whyNot(frame)
  if (denied !== null) return { ok: false, error: denied }
  frame.log('info', commandText(step.argv))
  const leftMs = Math.max(frame.deadlineMs - frame.clock.nowMs(), 1)
  const timeoutMs = Math.min(step.timeoutMs ?? leftMs, leftMs)
  // Others may begin before it: meanwhile the lease may end.
  const since: { denied: Failure | null } = { denied: null }
  const mayBegin = (): boolean => {
    since.denied = whyNot(frame)
    return since.denied === null
  }
  const running = frame.exec.run(step.argv, {
    timeoutMs,
    mayBegin,
    changes: true,
    signal: frame.signal,
    env: { ...frame.env, ...step.env },
    ...(step.input === undefined ? {} : { input: step.input }),
    ...(step.uid === undefined ? {} : { uid: step.uid }),
    ...(step.gid === undefined ? {} : { gid: step.gid }),
    ...(step.cwd === undefined ? {} : { cwd: step.cwd }),
  })
  frame.begun?.()
  const result = await running
  if (since.denied !== null) return { ok: false, error: since.denied }
  const failure = commandFailure(result, {
    timeoutMs,
    tools: frame.tools,
    ...(step.okExits === undefined ? {} : { okExits: step.okExits }),
  })
  if (failure === null || step.tolerate === true) {
    logOutput(outputLines(result), failure === null ? 'info' : 'warn', frame.log)
  }
  return failure === null ? ok(result) : { ok: false, error: failure }
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

function logOutput(lines: readonly string[], level: Level, log: LogLine): void {
  if (lines.length === 0) return
  log(level, 'output:')
  for (const line of lines) log(level, line)
}

/** Puts a failure into the log: its sentence, then what the command printed. */
export function logFailure(failure: Failure, level: Level, log: LogLine): void {
  log(level, failure.message)
  logOutput(failure.details ?? [], level, log)
}

export const timeUp = (limitMs: number): Result<never> =>
  fail('EXEC_TIMEOUT', `it did not end within ${rounded(limitMs)}`)
