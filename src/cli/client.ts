import type { Result } from '../core/result.js'
import type { ApiEvent } from '../daemon/api/contract.js'
import type { EventStream } from './events.js'
import { exchange, parseAnswer, type Question } from './exchange.js'

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

/** `/run/longshore/api.sock`, under `$LONGSHORE_ROOT`; with `$LONGSHORE_WITNESS` that of the witness of that name. */
export function socketPath(env: Readonly<Record<string, string | undefined>>): string {
  const witness = env['LONGSHORE_WITNESS'] ?? ''
  const below = witness === '' ? '' : `/witness/${witness}`
  return `${env['LONGSHORE_ROOT'] ?? ''}/run/longshore${below}/api.sock`
}

/** A client of the daemon's API over its Unix socket. Nothing is opened before the first question. */
export function connect(path: string): Client {
  const open = new Set<() => void>()
  const call = async <T>(question: Question): Promise<Result<T>> => {
    const answer = await exchange(path, question, open)
    return answer.ok ? parseAnswer<T>(answer.value) : answer
  }
  return {
    socketPath: path,
    get: (target, query) =>
      call({ method: 'GET', path: target + queryText(query ?? {}), body: null, limitMs: ANSWER_LIMIT_MS }),
    post: (target, body, limitMs = ANSWER_LIMIT_MS) =>
      call({ method: 'POST', path: target, body: JSON.stringify(body), limitMs }),
    follow: async (kinds) => {
      const { openEvents } = await import('./event-request.js')
      return openEvents(path, kinds, ANSWER_LIMIT_MS)
    },
    close: () => {
      for (const end of open) end()
    },
  }
}

/** A name as one segment of a path. */
export const segment = (name: string): string => encodeURIComponent(name)

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${segment(key)}=${segment(String(value))}`],
  )
  return given.length === 0 ? '' : `?${given.join('&')}`
}
