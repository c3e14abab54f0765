import type { Failure } from '../../core/result.js'
import { formatDuration } from '../../core/units.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import { commandText } from './command-text.js'

/** Output kept in a failure is cut in the middle: it is read by people. */
const LINES_KEPT = 200

/** What a command's end means: null where it did its work, else a sentence, with what it printed as details. */
export function commandFailure(
  result: ExecResult,
  options: {
    /** Accepted exit codes; default [0]. */
    readonly okExits?: readonly number[]
    /** The limit that it ran under. */
    readonly timeoutMs?: number
    /** Where a missing command is found. */
    readonly tools?: readonly Tool[]
  } = {},
): Failure | null {
  if (result.outcome === 'exited' && (options.okExits ?? [0]).includes(result.exit)) return null
  // Of a command that was left behind the message says all that is known.
  const details = result.outcome === 'stuck' ? [] : outputLines(result)
  const failure = describe(result, options.timeoutMs ?? result.durationMs, options.tools ?? [])
  return details.length === 0 ? failure : { ...failure, details }
}

function describe(result: ExecResult, timeoutMs: number, tools: readonly Tool[]): Failure {
  const text = commandText(result.argv)
  switch (result.outcome) {
    case 'exited':
      return {
        code: 'EXEC_FAILED',
        message: `${text} failed with exit code ${result.exit}${complaint(result)}`,
      }
    case 'signalled':
      return { code: 'EXEC_FAILED', message: `${text} was ended by a signal${complaint(result)}` }
    case 'timeout':
      return {
        code: 'EXEC_TIMEOUT',
        message: `${text} did not end within ${rounded(timeoutMs)} and was killed with its process group`,
      }
    case 'aborted':
      return { code: 'ABORTED', message: `${text} was killed because the action was ended` }
    case 'stuck':
      return {
        code: 'EXEC_STUCK',
        message: `${text} hangs in the kernel${complaint(result)}; look for a dead disk or server`,
      }
    case 'missing':
      return { code: 'UNAVAILABLE', message: missing(result, tools) }
  }
}

/** The first line in which the command says what is wrong. */
function complaint(result: ExecResult): string {
  const lines = outputLines({ stdout: '', stderr: result.stderr })
  const line = lines.find((one) => !WARNING.test(one)) ?? lines[0] ?? outputLines(result)[0]
  return line === undefined ? '' : `: ${line}`
}

/** As programs write it that log to standard error (podman): it is not what made them fail. */
const WARNING = /^time="[^"]*" level=(info|warning) /

function missing(result: ExecResult, tools: readonly Tool[]): string {
  const command = result.argv[0] ?? ''
  const tool = tools.find((one) => one.command === command)
  if (tool !== undefined) return `${command} is not on this node: install the package ${tool.package}`
  return `${command} cannot be run on this node${complaint(result)}`
}

/** What a command printed, errors last, without empty lines. */
export function outputLines(result: Pick<ExecResult, 'stdout' | 'stderr'>): readonly string[] {
  const lines = `${result.stdout}\n${result.stderr}`
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
  if (lines.length <= LINES_KEPT) return lines
  const half = LINES_KEPT / 2
  return [...lines.slice(0, half), `… ${lines.length - 2 * half} more lines`, ...lines.slice(-half)]
}

/** `60s`, whatever fraction of the action's time was already gone. */
export const rounded = (ms: number): string => formatDuration(Math.max(100, Math.round(ms / 100) * 100))
