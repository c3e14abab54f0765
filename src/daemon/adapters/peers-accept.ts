import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Agreement } from '../peers/hello.js'
import { LONGEST_MESSAGE_BYTES } from '../peers/wire.js'
import type { Connection } from './peers-connection.js'
import type { Complaints, Paths } from './peers-paths.js'

/** Accepted connections of one peer at a time. */
const MOST_ACCEPTED = 64

/** Makes a connection of an open socket. */
export type Connect = (socket: WebSocket, on: Handlers) => Connection

export interface Handlers {
  readonly node: string
  readonly dialled: string | null
  readonly onUp: (path: string, agreed: Agreement) => void
  readonly onEnd: (why: string) => void
}

/** Connections that others dialled. */
export function acceptor(o: {
  readonly connect: Connect
  readonly paths: Paths
  readonly complaints: Complaints
}) {
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const accepted = new Map<Connection, string>()
  let closed = false

  function accept(request: IncomingMessage, socket: Duplex, head: Buffer, node: string): void {
    const ofNode = [...accepted.values()].filter((name) => name === node).length
    if (closed || ofNode >= MOST_ACCEPTED) return void socket.destroy()
    upgrades.handleUpgrade(request, socket, head, (client) => {
      const made = o.connect(client, {
        node,
        dialled: null,
        onUp: (id, { protocol }) => {
          o.complaints.forget(node)
          o.paths.up({ id, peer: node, address: id.slice(id.indexOf('@') + 1) }, made, protocol)
        },
        onEnd: (why) => {
          accepted.delete(made)
          if (!o.paths.down(made, why)) o.complaints.say(node, `a connection from ${node} failed: ${why}`)
        },
      })
      accepted.set(made, node)
    })
  }

  return {
    accept,
    keepOnly: (members: readonly string[]): void => {
      for (const [made, node] of accepted) {
        if (!members.includes(node)) made.refuse(`${node} is no node of this cluster any more`)
      }
    },
    close: (): void => {
      closed = true
      for (const made of accepted.keys()) made.refuse('the daemon stops')
      upgrades.close()
    },
  }
}
