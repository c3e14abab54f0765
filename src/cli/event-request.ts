import { request, type IncomingMessage } from 'node:http'
import { fail, ok, type Result } from '../core/result.js'
import type { ApiEvent } from '../daemon/api/contract.js'
import { readEvents, type EventStream } from './events.js'
import { parseAnswer, silence, unreachable } from './exchange.js'

/** Opens the daemon's event stream; loaded only by commands that follow it. */
export function openEvents(
  path: string,
  kinds: readonly ApiEvent['kind'][],
  limitMs: number,
): Promise<Result<EventStream>> {
  return new Promise((resolve) => {
    const headers = { accept: 'text/event-stream' }
    const call = request({ socketPath: path, path: '/api/events', headers, agent: false })
    const limit = setTimeout(() => {
      call.destroy()
      resolve(fail('UNAVAILABLE', silence(limitMs)))
    }, limitMs)
    call.on('response', (response) => {
      clearTimeout(limit)
      if (response.statusCode === 200) resolve(ok(readEvents(response, kinds)))
      else void refusalIn(response).then(resolve)
    })
    call.on('error', (error) => {
      clearTimeout(limit)
      resolve(fail('UNAVAILABLE', unreachable(error, path)))
    })
    call.end()
  })
}

async function refusalIn(response: IncomingMessage): Promise<Result<never>> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    return fail('UNAVAILABLE', "omd ended in the middle of its answer: see 'om daemon status'")
  }
  const body = Buffer.concat(chunks).toString('utf8')
  return parseAnswer<never>({ status: response.statusCode ?? 0, body })
}
