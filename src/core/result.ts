/** What can go wrong in operation is a value; what cannot is a throw (see `must`). */
export type Result<T, E = Failure> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

/** Why something was refused or did not work. `message` is one plain sentence that names the next step where there is one. */
export interface Failure {
  readonly code: FailureCode
  readonly message: string
  /** More lines, for people: a command's own output, positions in a file. */
  readonly details?: readonly string[]
}

export type FailureCode =
  | 'INVALID' // the input does not make sense
  | 'UNKNOWN' // a name that is not there
  | 'CONFLICT' // it makes sense, but not now
  | 'UNAVAILABLE' // a tool, a peer or the daemon cannot be reached
  | 'EXEC_FAILED' // a command ended with an exit code that is not among the accepted ones
  | 'EXEC_TIMEOUT' // a command was killed, with its process group, at its time limit
  | 'EXEC_STUCK' // a command outlived SIGKILL and was left behind
  | 'NOT_EFFECTIVE' // every command succeeded and the node still does not show the result
  | 'ABORTED' // an operator, or the loss of the right to act, ended it
  | 'FORBIDDEN'
  | 'INTERNAL'

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })

export const fail = (
  code: FailureCode,
  message: string,
  details?: readonly string[],
): Result<never, Failure> => ({
  ok: false,
  error: details === undefined ? { code, message } : { code, message, details },
})
