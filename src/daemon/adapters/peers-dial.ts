import { WebSocket } from 'ws'
import { LONGEST_MESSAGE_BYTES } from '../peers/wire.js'
import type { Cancel, Clock, PeerPath, Rng } from '../ports.js'
import { systemFailure } from './errno.js'
import { PEERS_PATH } from './https.js'
import type { Connection } from './peers-connection.js'
import { expectNode, secureContext, type TlsMaterial } from './tls.js'

export interface DialOptions {
  readonly clock: Clock
  readonly rng: Rng
  readonly path: PeerPath
  /** `host:port` */
  readonly host: string
  readonly material: () => TlsMaterial
  /** Takes over an open socket. `onUp` and `onEnd` are called at most once each. */
  readonly connect: (
    socket: WebSocket,
    on: { readonly up: () => void; readonly end: () => void },
  ) => Connection
  readonly complain: (sentence: string) => void
}

export interface Dial {
  readonly host: string
  stop(why: string): void
}

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 2_000
const CONNECT_MS = 3_000
/** A peer that just joins or starts is not there yet: the first failures in a row, about a second's, are not worth a word. */
const FAILURES_EXPECTED = 4

/** Keeps one path connected, until it is stopped. */
export function dial(o: DialOptions): Dial {
  let failures = 0
  let stopped = false
  let current: Connection | null = null
  let cancel: Cancel = () => undefined

  function attempt(): void {
    const socket = open(o)
    cancel = () => socket.terminate()
    const onFailure = (error: Error): void => {
      if (!stopped && failures >= FAILURES_EXPECTED)
        o.complain(systemFailure(`${o.path.peer} cannot be reached at ${o.host}`, error).message)
      retry()
    }
    socket.once('error', onFailure)
    socket.once('open', () => {
      socket.off('error', onFailure)
      current = o.connect(socket, { up: () => (failures = 0), end: retry })
    })
  }

  function retry(): void {
    current = null
    if (stopped) return
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures++, 10), LONGEST_RETRY_MS)
    cancel = o.clock.at(o.clock.nowMs() + waitMs * (0.5 + o.rng.random() / 2), attempt)
  }

  attempt()
  return {
    host: o.host,
    stop: (why) => {
      stopped = true
      if (current === null) cancel()
      else current.refuse(why)
    },
  }
}

function open({ path, host, material }: DialOptions): WebSocket {
  const shown = material()
  // WebSocket's options name another type for a peer's certificate than TLS itself, which it passes them on to.
  const checkServerIdentity = expectNode(path.peer, shown.clusterId) as unknown as () => boolean
  return new WebSocket(`wss://${host}${PEERS_PATH}`, {
    ...secureContext(shown),
    checkServerIdentity,
    handshakeTimeout: CONNECT_MS,
    maxPayload: LONGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
}
