import { X509Certificate } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import { ok, type Result } from '../../core/result.js'
import { errorCode, systemFailure } from './errno.js'
import { nodeOf, secureContext, type TlsMaterial } from './tls.js'

/** Who calls: an operator through the Unix socket, a member with its certificate, or somebody unknown over TLS. */
export type Caller =
  | { readonly kind: 'operator' }
  | { readonly kind: 'member'; readonly node: string }
  | { readonly kind: 'stranger'; readonly address: string | null }

export type Serve = (request: Request, caller: Caller) => Response | Promise<Response>

export interface TlsServer {
  readonly port: number
  /** After a renewal: new connections show the new certificate. */
  renew(material: TlsMaterial): void
  close(): Promise<void>
}

export interface TlsServerOptions {
  readonly port: number
  /** Default: every address, of IPv4 and of IPv6 where there is one. */
  readonly host?: string
  readonly material: TlsMaterial
  readonly serve: Serve
  /** Who is let in: all that vote by any rules in force, which may be nodes that were taken out. A certificate of another one, however good, counts for nothing. */
  readonly members: () => readonly string[]
  /** Paths for callers without a certificate of the cluster. Every other request of theirs is refused here. */
  readonly openPaths: readonly string[]
  /** A member wants to speak the peers' protocol. */
  readonly onPeer: (request: http.IncomingMessage, socket: Duplex, head: Buffer, node: string) => void
  readonly limits?: Partial<Limits>
}

/** What a caller may cost, in milliseconds and numbers. */
export interface Limits {
  readonly handshakeMs: number
  /** From the connection's beginning, or the end of its last request, to the end of the next request's headers. */
  readonly headersMs: number
  readonly requestMs: number
  readonly connections: number
}

export const PEERS_PATH = '/peers'

const LIMITS: Limits = { handshakeMs: 5_000, headersMs: 10_000, requestMs: 60_000, connections: 512 }

/** A request's body may not be longer. */
const LONGEST_BODY_BYTES = 8 * 1024 * 1024

/** One TCP port for the API and the peers' protocol. */
export async function serveTls(o: TlsServerOptions): Promise<Result<TlsServer>> {
  const limits = { ...LIMITS, ...o.limits }
  let { material } = o
  const callerOf = (socket: Duplex): Caller => tlsCaller(socket, material.clusterId, o.members())
  const answer = listener(o.serve, callerOf)
  const server = https.createServer(
    {
      ...secureContext(material),
      ...httpLimits(limits),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: limits.handshakeMs,
    },
    (request, response) => {
      const open = o.openPaths.includes((request.url ?? '').split('?')[0] ?? '')
      if (!open && callerOf(request.socket).kind !== 'member')
        return refuse(response, 403, stranger(request.socket))
      answer(request, response)
    },
  )
  harden(server, limits)
  server.on('tlsClientError', (_, socket) => socket.destroy())
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const caller = callerOf(socket)
    if (request.url !== PEERS_PATH || caller.kind !== 'member') return hangUp(socket)
    o.onPeer(request, socket, head, caller.node)
  })
  const listening = await listenEverywhere(server, o.port, o.host)
  if (!listening.ok) return listening
  return ok({
    port: (server.address() as AddressInfo).port,
    renew: (next) => {
      material = next
      server.setSecureContext(secureContext(next))
    },
    close: () => closed(server),
  })
}

/** The same API for whoever may write to a socket that belongs to root. */
export function httpServer(serve: Serve): http.Server {
  const answer = listener(serve, () => ({ kind: 'operator' }))
  const server = http.createServer(httpLimits(LIMITS), (request, response) => answer(request, response))
  harden(server, LIMITS)
  return server
}

/** Resolves once the server has let go of its port. */
export function closed(server: http.Server | https.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function listener(serve: Serve, callerOf: (socket: Duplex) => Caller) {
  const respond = getRequestListener(
    (request, { incoming }) => serve(request, callerOf(incoming.socket as Duplex)),
    {
      overrideGlobalObjects: false,
    },
  )
  return (request: http.IncomingMessage, response: http.ServerResponse): void => {
    // A length is asked for beforehand, so that no body has to be counted while it comes in.
    if (request.headers['transfer-encoding'] !== undefined)
      return refuse(response, 411, 'say how long the request is')
    if (Number(request.headers['content-length'] ?? 0) > LONGEST_BODY_BYTES) {
      return refuse(response, 413, 'the request is too long: at most 8 MiB are taken')
    }
    void respond(request, response)
  }
}

function tlsCaller(socket: Duplex, clusterId: string, members: readonly string[]): Caller {
  if (!(socket instanceof TLSSocket)) return { kind: 'stranger', address: null }
  const certificate: X509Certificate | undefined = socket.authorized
    ? socket.getPeerX509Certificate()
    : undefined
  const node = nodeOf(certificate, clusterId)
  if (node !== null && members.includes(node)) return { kind: 'member', node }
  return { kind: 'stranger', address: socket.remoteAddress ?? null }
}

/** Why a caller over TLS is nobody here. */
function stranger(socket: Duplex): string {
  const error = socket instanceof TLSSocket ? socket.authorizationError : undefined
  const reason = error === undefined || error === null ? '' : ` (${String(error)})`
  return `only members of this cluster are answered here, with their certificate${reason}: operators use om on a node`
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify({ error: { code: status === 403 ? 'FORBIDDEN' : 'INVALID', message } }))
}

function hangUp(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

function httpLimits(limits: Limits): http.ServerOptions {
  return {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.headersMs,
    connectionsCheckingInterval: Math.min(limits.headersMs, 5_000),
    keepAlive: true,
    noDelay: true,
  }
}

function harden(server: http.Server | https.Server, limits: Limits): void {
  server.maxConnections = limits.connections
  server.on('clientError', (_, socket) => socket.destroy())
}

/** One socket for IPv4 and IPv6; where IPv6 is off, IPv4 alone. */
async function listenEverywhere(
  server: https.Server,
  port: number,
  host: string | undefined,
): Promise<Result<void>> {
  const first = await listen(server, port, host ?? '::')
  if (first === null) return ok(undefined)
  const noIpv6 = errorCode(first) === 'EAFNOSUPPORT' || errorCode(first) === 'EADDRNOTAVAIL'
  const last = host === undefined && noIpv6 ? await listen(server, port, '0.0.0.0') : first
  return last === null
    ? ok(undefined)
    : { ok: false, error: systemFailure(`could not listen on TCP port ${port}`, last) }
}

function listen(server: https.Server, port: number, host: string): Promise<Error | null> {
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ port, host }, () => {
      server.off('error', resolve)
      resolve(null)
    })
  })
}
