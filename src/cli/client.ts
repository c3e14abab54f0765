import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http'
import { fail, ok, type Result } from '../core/result.js'
import { formatDuration } from '../core/units.js'
import type { ApiEvent, ErrorAnswer } from '../daemon/api/contract.js'
import type { EventStream } from './events.js'

/** The daemon of this node, over its Unix socket. No call throws; a failure's message is for the operator as it stands. */
export interface Client {
  readonly socketPath: string
  get<T>(path: string, query?: Query): Promise<Result<T>>
  /** `limitMs`: how long the answer may take, where it comes only when the work is done. */
  post<T>(path: string, body: unknown, limitMs?: number): Promise<Result<T>>
  /** Open once the daemon has begun to answer: whatever happens from then on is in the stream. */
  follow(kinds: readonly ApiEvent['kind'][]): Promise<Result<EventStream>>
  close(): void
}

export type Query = Readonly<Record<string, string | number | undefined>>

const ANSWER_LIMIT_MS = 20_000
/** More than this is no answer of ours. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** `/run/longshore/api.sock`, under `$LONGSHORE_ROOT`. */
export function socketPath(env: Readonly<Record<string, string | undefined>>): string {
  return `${env['LONGSHORE_ROOT'] ?? ''}/run/longshore/api.sock`
}

export function connect(path: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const call = <T>(method: string, target: string, body: unknown, limitMs: number): Promise<Result<T>> =>
    exchange<T>({ socketPath: path, agent, method, path: target }, body, limitMs)
  return {
    socketPath: path,
    get: (target, query) => call('GET', target + queryText(query ?? {}), undefined, ANSWER_LIMIT_MS),
    post: (target, body, limitMs) => call('POST', target, body, limitMs ?? ANSWER_LIMIT_MS),
    follow: (kinds) => openEvents(path, kinds),
    close: () => agent.destroy(),
  }
}

/** A name as one segment of a path. */
export const segment = (name: string): string => encodeURIComponent(name)

export function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${segment(key)}=${segment(String(value))}`],
  )
  return given.length === 0 ? '' : `?${given.join('&')}`
}

function exchange<T>(options: RequestOptions, body: unknown, limitMs: number): Promise<Result<T>> {
  return new Promise((resolve) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers =
      text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const call = request({ ...options, headers })
    const finish = (result: Result<T>): void => {
      clearTimeout(limit)
      resolve(result)
    }
    const limit = setTimeout(() => {
      call.destroy()
      finish(fail('UNAVAILABLE', silence(limitMs)))
    }, limitMs)
    call.on('response', (response) => void readAnswer<T>(response).then(finish))
    call.on('error', (error) => finish(fail('UNAVAILABLE', unreachable(error, options.socketPath ?? ''))))
    call.end(text)
  })
}

async function readAnswer<T>(response: IncomingMessage): Promise<Result<T>> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) return fail('UNAVAILABLE', 'omd gave an answer without end')
    }
  } catch {
    return fail('UNAVAILABLE', "omd ended in the middle of its answer: see 'om daemon status'")
  }
  return parseAnswer<T>(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))
}

function parseAnswer<T>(status: number, text: string): Result<T> {
  let answer: unknown
  try {
    answer = text === '' ? {} : JSON.parse(text)
  } catch {
    return fail('INTERNAL', `omd gave an answer that is no JSON (status ${status}): ${text.slice(0, 200)}`)
  }
  if (status >= 200 && status < 300) return ok(answer as T)
  const error = (answer as Partial<ErrorAnswer> | null)?.error
  if (typeof error?.message !== 'string')
    return fail('INTERNAL', `omd refused with status ${status} and no reason`)
  return { ok: false, error }
}

function openEvents(path: string, kinds: readonly ApiEvent['kind'][]): Promise<Result<EventStream>> {
  return new Promise((resolve) => {
    const headers = { accept: 'text/event-stream' }
    const call = request({ socketPath: path, path: '/api/events', headers, agent: false })
    const limit = setTimeout(() => {
      call.destroy()
      resolve(fail('UNAVAILABLE', silence(ANSWER_LIMIT_MS)))
    }, ANSWER_LIMIT_MS)
    call.on('response', (response) => {
      clearTimeout(limit)
      void (response.statusCode === 200 ? readStream(response, kinds) : readAnswer<never>(response)).then(
        resolve,
      )
    })
    call.on('error', (error) => {
      clearTimeout(limit)
      resolve(fail('UNAVAILABLE', unreachable(error, path)))
    })
    call.end()
  })
}

async function readStream(
  response: IncomingMessage,
  kinds: readonly ApiEvent['kind'][],
): Promise<Result<EventStream>> {
  const { readEvents } = await import('./events.js')
  return ok(readEvents(response, kinds))
}

const silence = (limitMs: number): string =>
  `omd did not answer within ${formatDuration(limitMs)}: see 'om daemon status' and its log`

function unreachable(error: NodeJS.ErrnoException, path: string): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return "omd is not running on this node: start it with 'om daemon start'"
    case 'EACCES':
    case 'EPERM':
      return `only root may talk to omd (${path}): use sudo`
    case 'ECONNRESET':
    case 'EPIPE':
      return "omd ended before it answered: see 'om daemon status'"
  }
  return `omd cannot be reached at ${path}: ${error.message}`
}
