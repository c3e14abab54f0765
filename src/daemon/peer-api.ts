import { fail, ok, type Failure, type Result } from '../core/result.js'
import { askNode, followNode, type Trust } from './adapters/https-client.js'
import { parseAddress } from './peers/address.js'
import type { Cancel } from './ports.js'

const answerLimitMs = 10_000

export interface PeerRequest {
  /** As in the cluster's configuration. */
  readonly address: string
  readonly port: number
  readonly trust: Trust
  readonly path: string
  /** Posted where there is one. */
  readonly body?: unknown
}

/** One request to another node's API; its refusal, in its own words, is this one's failure. */
export async function askPeer<T>(o: PeerRequest): Promise<Result<T>> {
  const answer = await askNode({
    endpoint: parseAddress(o.address, o.port),
    trust: o.trust,
    path: o.path,
    method: o.body === undefined ? 'GET' : 'POST',
    ...(o.body === undefined ? {} : { body: JSON.stringify(o.body) }),
    timeoutMs: answerLimitMs,
  })
  return answer.ok ? read<T>(o, answer.value.status, answer.value.body) : answer
}

/** Follows another node's event stream: each line is one event as JSON. */
export function followPeer(o: PeerRequest, onEvent: (json: string) => void, onEnd: () => void): Cancel {
  const request = {
    endpoint: parseAddress(o.address, o.port),
    trust: o.trust,
    path: o.path,
    method: 'GET' as const,
    timeoutMs: answerLimitMs,
  }
  const onLine = (line: string): void => {
    if (line.startsWith('data: ')) onEvent(line.slice('data: '.length))
  }
  return followNode(request, onLine, onEnd)
}

function read<T>(o: PeerRequest, status: number, body: string): Result<T> {
  try {
    const value = JSON.parse(body) as unknown
    if (status === 200) return ok(value as T)
    const { error } = value as { readonly error?: Failure }
    return error === undefined ? unusable(o, `status ${status}`) : { ok: false, error }
  } catch {
    return unusable(o, 'no JSON')
  }
}

function unusable(o: PeerRequest, what: string): Result<never> {
  return fail('UNAVAILABLE', `the API at ${o.address} gave an answer that cannot be used: ${what}`)
}
