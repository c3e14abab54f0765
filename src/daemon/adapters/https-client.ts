import { request, type RequestOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { fail, ok, type Failure, type Result } from '../../core/result.js'
import { fingerprintOf } from '../certificates/identity.js'
import { X509Certificate } from 'node:crypto'

/** How the other side is known: as a member by the cluster's authority, or, before joining, by the authority's fingerprint alone. */
export type Trust =
  | { readonly kind: 'member'; readonly cert: string; readonly key: string; readonly ca: string }
  | { readonly kind: 'pinned'; readonly fingerprint: string }

const answerLimitMs = 10_000
const answerLimitBytes = 64 * 1024 * 1024

interface Call {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly trust: Trust
  /** Sent as a POST where there is one. */
  readonly body?: unknown
  /** The name in the other side's certificate. */
  readonly node?: string
}

/** One request to a member's API over TLS. Never rejects. */
export function callHttps<T>(call: Call): Promise<Result<T>> {
  return new Promise((resolve) => {
    const text = call.body === undefined ? null : JSON.stringify(call.body)
    const outgoing = request(optionsOf(call, text === null ? 'GET' : 'POST'))
    const give = (result: Result<T>): void => {
      clearTimeout(limit)
      outgoing.destroy()
      resolve(result)
    }
    const limit = setTimeout(
      () => give(unreachable(call, `no answer within ${answerLimitMs / 1000} s`)),
      answerLimitMs,
    )
    outgoing.on('error', (error) => give(unreachable(call, error.message)))
    outgoing.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        const wrong = pinProblem(call.trust, socket as TLSSocket)
        if (wrong !== null) give(fail('FORBIDDEN', wrong))
        else outgoing.end(text ?? undefined)
      })
    })
    outgoing.on('response', (response) => {
      let answer = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        answer += chunk
        if (answer.length > answerLimitBytes) give(unreachable(call, 'its answer is too long'))
      })
      response.on('end', () => give(read<T>(call, response.statusCode ?? 0, answer)))
    })
  })
}

/** Follows a stream of server-sent events. The value ends it. */
export function followHttps(call: Call, onLine: (line: string) => void, onEnd: () => void): () => void {
  const outgoing = request(optionsOf(call, 'GET'))
  let rest = ''
  let ended = false
  const end = (): void => {
    if (ended) return
    ended = true
    outgoing.destroy()
    onEnd()
  }
  outgoing.on('error', end)
  outgoing.on('response', (response) => {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > answerLimitBytes) end()
      for (const line of lines) if (line.startsWith('data: ')) onLine(line.slice('data: '.length))
    })
    response.on('end', end)
    response.on('error', end)
  })
  outgoing.end()
  return end
}

function optionsOf(call: Call, method: 'GET' | 'POST'): RequestOptions {
  const { host, port, path, trust } = call
  const common = {
    host,
    port,
    path,
    method,
    agent: false,
    headers: { 'content-type': 'application/json' },
  } as const
  switch (trust.kind) {
    case 'member':
      return {
        ...common,
        cert: trust.cert,
        key: trust.key,
        ca: trust.ca,
        // Members are reached by address; their certificates carry names.
        ...(call.node === undefined ? {} : { servername: call.node }),
      }
    case 'pinned':
      return { ...common, rejectUnauthorized: false }
  }
}

/** Before joining there is no authority to check with: the chain must end in the one that the token pins, and be signed by it. */
function pinProblem(trust: Trust, socket: TLSSocket): string | null {
  if (trust.kind === 'member') return null
  const leaf = socket.getPeerX509Certificate()
  const authority = leaf?.issuerCertificate
  if (leaf === undefined || authority === undefined)
    return 'the member showed no certificate of its authority'
  const pinned = fingerprintOf(new X509Certificate(authority.raw)) === trust.fingerprint
  if (!pinned || !leaf.verify(authority.publicKey)) {
    return "whoever answers at the token's address does not belong to the cluster that made the token"
  }
  return null
}

function unreachable(call: Call, why: string): Result<never> {
  return fail('UNAVAILABLE', `${call.node ?? `${call.host}:${call.port}`} does not answer: ${why}`)
}

function read<T>(call: Call, status: number, text: string): Result<T> {
  try {
    const value = JSON.parse(text) as unknown
    if (status === 200) return ok(value as T)
    const { error } = value as { error?: Failure }
    return error === undefined ? unreachable(call, `status ${status}`) : { ok: false, error }
  } catch {
    return unreachable(call, 'its answer is no JSON')
  }
}
