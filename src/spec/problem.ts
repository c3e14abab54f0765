import type { Failure } from '../core/result.js'

/** Counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Something wrong in a configuration. `what` is a sentence without its place. */
export interface Problem {
  readonly at: Position | null
  readonly what: string
}

/** More lines than this help nobody. */
const SHOWN = 50

/**
 * One failure for all problems, in the order of the text: the first in the message, each as `file:line:column: sentence` in the
 * details. Without a source there are no places: the text is not one that the reader has seen.
 */
export function refusal(source: string, problems: readonly Problem[]): Failure {
  const lines = [...new Set(inOrder(problems).map((problem) => written(source, problem)))]
  const [first = `${named(source)} is refused`] = lines
  const others = lines.length - 1
  const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'problem' : 'problems'})`
  const rest = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more`] : []
  return { code: 'INVALID', message: first + more, details: [...lines.slice(0, SHOWN), ...rest] }
}

function written(source: string, problem: Problem): string {
  if (source === '') return problem.what
  const place = problem.at === null ? '' : `:${problem.at.line}:${problem.at.column}`
  return `${named(source)}${place}: ${problem.what}`
}

/** `-` is what a command line calls its standard input. */
function named(source: string): string {
  return source === '-' ? 'standard input' : source
}

// What has no place comes last.
function inOrder(problems: readonly Problem[]): Problem[] {
  const line = ({ at }: Problem): number => at?.line ?? Number.MAX_SAFE_INTEGER
  return [...problems].sort((a, b) => line(a) - line(b) || (a.at?.column ?? 0) - (b.at?.column ?? 0))
}
