import type { IncomingMessage } from 'node:http'
import type { ApiEvent } from '../daemon/api/contract.js'

/** Events of the daemon, in the order they came, to be taken one at a time. */
export interface EventStream {
  /** The next event; `silence` where none came in time, `ended` once the stream is over and empty. */
  next(limitMs: number): Promise<ApiEvent | 'silence' | 'ended'>
  /** Everything that has come so far and was not taken. */
  drain(): readonly ApiEvent[]
  close(): void
}

/** Events not taken beyond this number end the stream: its reader asks for the status and follows anew. */
const MAX_WAITING = 20_000
const MAX_LINE_CHARS = 4 * 1024 * 1024

/** Reads server-sent events (https://html.spec.whatwg.org, "server-sent events"), one JSON a `data:` line; others are skipped. */
export function readEvents(response: IncomingMessage, kinds: readonly ApiEvent['kind'][]): EventStream {
  const waiting: ApiEvent[] = []
  let over = false
  let wake: (() => void) | null = null
  const ring = (): void => wake?.()
  const end = (): void => {
    over = true
    response.destroy()
    ring()
  }
  let rest = ''
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const event = parse(line)
      if (event !== null && kinds.includes(event.kind)) waiting.push(event)
    }
    if (rest.length > MAX_LINE_CHARS || waiting.length > MAX_WAITING) end()
    else if (waiting.length > 0) ring()
  })
  response.on('close', end)
  response.on('error', end)
  if (response.destroyed) end()
  const sleep = (limitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  return {
    async next(limitMs) {
      if (waiting.length === 0 && !over) await sleep(limitMs)
      wake = null
      return waiting.shift() ?? (over ? 'ended' : 'silence')
    },
    drain: () => waiting.splice(0),
    close: end,
  }
}

function parse(line: string): ApiEvent | null {
  if (!line.startsWith('data:')) return null
  try {
    return JSON.parse(line.slice(5)) as ApiEvent
  } catch {
    return null
  }
}
