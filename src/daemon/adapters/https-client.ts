import { X509Certificate } from 'node:crypto'
import * as http from 'node:http'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { fail, ok, type Result } from '../../core/result.js'
import { fingerprintOf } from '../certificates/identity.js'
import type { Endpoint } from '../peers/address.js'
import type { Cancel } from '../ports.js'
import { systemFailure } from './errno.js'
import { lineSplitter } from './exec-output.js'
import { expectNode, secureContext, type TlsMaterial } from './tls.js'

/** Whom a request is meant for. Nothing is sent before the other side has proved that. */
export type Trust =
  /** A member of this cluster, which gets this node's certificate. */
  | { readonly kind: 'member'; readonly node: string; readonly material: TlsMaterial }
  /** Whoever's chain ends in the authority with this fingerprint: what a join token says. */
  | { readonly kind: 'authority'; readonly fingerprint: string }

export interface ApiRequest {
  readonly endpoint: Endpoint
  readonly trust: Trust
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** JSON text. */
  readonly body?: string
  /** For connecting and, but for a followed stream, for the whole answer. */
  readonly timeoutMs: number
}

export interface ApiResponse {
  readonly status: number
  readonly body: string
}

const KEEP_ALIVE_MS = 10_000

const LONGEST_ANSWER_BYTES = 32 * 1024 * 1024

/** Asks another node's API. A failure means that no answer came; an answer may still be a refusal. */
export async function askNode(o: ApiRequest): Promise<Result<ApiResponse>> {
  const abort = AbortSignal.timeout(o.timeoutMs)
  const response = await open(o, abort)
  if (!response.ok) return response
  try {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response.value as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > LONGEST_ANSWER_BYTES) return fail('INVALID', `${where(o)} answers without end`)
      chunks.push(chunk)
    }
    return ok({ status: response.value.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') })
  } catch (error) {
    return unreachable(o, error)
  } finally {
    response.value.destroy()
  }
}

/** Follows a stream line by line, until it is cancelled or ends; `onEnd` is called once, with what went wrong. */
export function followNode(
  o: ApiRequest,
  onLine: (line: string) => void,
  onEnd: (why: string) => void,
): Cancel {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(new Error('no answer in time')), o.timeoutMs)
  void open(o, abort.signal).then((response) => {
    clearTimeout(timer)
    if (!response.ok) return onEnd(response.error.message)
    const stream = response.value
    if (stream.statusCode !== 200) abort.abort(new Error(`${where(o)} refuses: HTTP ${stream.statusCode}`))
    stream.on('data', lineSplitter(onLine))
    stream.on('error', () => undefined)
    stream.on('close', () =>
      onEnd(abort.signal.aborted ? reasonOf(abort.signal.reason) : `${where(o)} ended the stream`),
    )
    return undefined
  })
  return () => abort.abort(new Error('cancelled'))
}

async function open(o: ApiRequest, signal: AbortSignal): Promise<Result<http.IncomingMessage>> {
  try {
    const socket = await trusted(o, signal)
    return ok(await request(o, socket, signal))
  } catch (error) {
    return unreachable(o, signal.aborted ? signal.reason : error)
  }
}

/** A connection to the right one. */
function trusted({ endpoint, trust }: ApiRequest, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const whom =
      trust.kind === 'member'
        ? {
            ...secureContext(trust.material),
            checkServerIdentity: expectNode(trust.node, trust.material.clusterId),
          }
        : { rejectUnauthorized: false, minVersion: 'TLSv1.3' as const }
    const socket = connect({ ...endpoint, ...whom })
    // A stream may be silent for long; a machine that lost its power ends it all the same.
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    const give = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    const onAbort = (): void => give(new Error('aborted'))
    signal.addEventListener('abort', onAbort, { once: true })
    socket.on('error', give)
    socket.once('close', () => signal.removeEventListener('abort', onAbort))
    socket.once('secureConnect', () => {
      if (trust.kind === 'authority' && !endsIn(socket.getPeerCertificate(true), trust.fingerprint)) {
        return give(new Error('its certificate is not of the cluster that the join token names'))
      }
      resolve(socket)
      return undefined
    })
  })
}

/** Did the authority with this fingerprint sign the certificate, as the chain that came with it shows? */
function endsIn(peer: DetailedPeerCertificate, fingerprint: string): boolean {
  if (!Buffer.isBuffer(peer.raw) || !Buffer.isBuffer(peer.issuerCertificate?.raw)) return false
  const authority = new X509Certificate(peer.issuerCertificate.raw)
  return fingerprintOf(authority) === fingerprint && new X509Certificate(peer.raw).verify(authority.publicKey)
}

function request(o: ApiRequest, socket: TLSSocket, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, path, body = '' } = o
    const headers =
      body === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const host = { host: o.endpoint.host, port: o.endpoint.port, setHost: true }
    const sent = http.request(
      { ...host, method, path, headers, signal, createConnection: () => socket },
      resolve,
    )
    sent.on('error', (error) => {
      socket.destroy()
      reject(error)
    })
    sent.on('close', () => socket.destroy())
    sent.end(body)
  })
}

const where = ({ endpoint, trust }: ApiRequest): string => {
  const address = `${endpoint.host} port ${endpoint.port}`
  return trust.kind === 'member' ? `${trust.node} at ${address}` : address
}

function unreachable(o: ApiRequest, error: unknown): Result<never> {
  const timeout = error instanceof Error && error.name === 'TimeoutError'
  const why = timeout ? new Error(`no answer within ${o.timeoutMs / 1000} s`) : error
  return fail('UNAVAILABLE', systemFailure(`${where(o)} could not be asked`, why).message)
}

const reasonOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason))
