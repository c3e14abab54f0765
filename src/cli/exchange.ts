import { connect } from 'node:net'
import { fail, ok, type Result } from '../core/result.js'
import { formatDuration } from '../core/units.js'
import type { ErrorAnswer } from '../daemon/api/contract.js'

/** What is asked of the daemon. */
export interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** JSON; null where there is none. */
  readonly body: string | null
  readonly limitMs: number
}

export interface Answer {
  /** HTTP status. */
  readonly status: number
  readonly body: string
}

/** More than this is no answer of ours. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/**
 * Asks over a connection of its own, in HTTP/1.0: there the answer ends with the connection, and all there is to read is its first line
 * and where its body begins. `node:http` can do more, and takes longer to load than everything else that a command does.
 * `open` gets the way to break it off.
 */
export function exchange(
  socketPath: string,
  question: Question,
  open: Set<() => void>,
): Promise<Result<Answer>> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    const chunks: Buffer[] = []
    let bytes = 0
    const end = (): void => void socket.destroy()
    const finish = (result: Result<Answer>): void => {
      clearTimeout(limit)
      open.delete(end)
      socket.destroy()
      resolve(result)
    }
    const limit = setTimeout(() => finish(fail('UNAVAILABLE', silence(question.limitMs))), question.limitMs)
    open.add(end)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) finish(fail('UNAVAILABLE', 'omd gave an answer without end'))
    })
    socket.on('end', () => finish(answerIn(Buffer.concat(chunks))))
    socket.on('error', (error) => finish(fail('UNAVAILABLE', unreachable(error, socketPath))))
    socket.on('close', () => finish(fail('UNAVAILABLE', BROKEN)))
    socket.write(requestText(question))
  })
}

function requestText({ method, path, body }: Question): string {
  const type = body === null ? '' : 'content-type: application/json\r\n'
  const length = body === null ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${path} HTTP/1.0\r\nhost: localhost\r\n${type}${length}\r\n${body ?? ''}`
}

const BROKEN = "omd ended before it answered: see 'om daemon status'"

function answerIn(bytes: Buffer): Result<Answer> {
  if (bytes.length === 0) return fail('UNAVAILABLE', BROKEN)
  const at = bytes.indexOf('\r\n\r\n')
  const head = bytes.subarray(0, Math.max(at, 0)).toString('latin1')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]
  if (status === undefined) return fail('INTERNAL', `what answers in omd's place does not speak HTTP`)
  const body = bytes.subarray(at + 4)
  const length = /^content-length: *(\d+)$/im.exec(head)?.[1]
  if (length !== undefined && body.length < Number(length)) {
    return fail('UNAVAILABLE', "omd ended in the middle of its answer: see 'om daemon status'")
  }
  return ok({ status: Number(status), body: body.toString('utf8') })
}

/** The value that an answer brings, or the refusal in it. */
export function parseAnswer<T>({ status, body }: Answer): Result<T> {
  let answer: unknown
  try {
    answer = body === '' ? {} : JSON.parse(body)
  } catch {
    return fail('INTERNAL', `omd gave an answer that is no JSON (status ${status}): ${body.slice(0, 200)}`)
  }
  if (status >= 200 && status < 300) return ok(answer as T)
  const error = (answer as Partial<ErrorAnswer> | null)?.error
  if (typeof error?.message !== 'string')
    return fail('INTERNAL', `omd refused with status ${status} and no reason`)
  return { ok: false, error }
}

export const silence = (limitMs: number): string =>
  `omd did not answer within ${formatDuration(limitMs)}: see 'om daemon status' and its log`

/** Why the daemon gave no answer, in words that name the next step. */
export function unreachable(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return "omd is not running on this node: start it with 'om daemon start'"
    case 'EACCES':
    case 'EPERM':
      return `only root may talk to omd (${path}): use sudo`
    case 'ECONNRESET':
    case 'EPIPE':
      return BROKEN
  }
  return `omd cannot be reached at ${path}: ${error.message}`
}
