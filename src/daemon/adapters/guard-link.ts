import { createConnection, type Socket } from 'node:net'

/** An answer line that is longer than this is none of the guard's. */
const longestLine = 1 << 18
/** A guard that leaves more than this unread hangs. */
const unreadLimit = 1 << 16

export interface GuardLink {
  /** False where the guard does not read any more; the connection is then closed. */
  send(line: string): boolean
  close(): void
}

export interface GuardLinkEvents {
  onLine(line: string): void
  /** Called once, for a connection that was there. */
  onDown(): void
}

/** Connects to the guard's socket; null where nobody listens there. */
export function guardLink(path: string, events: GuardLinkEvents): Promise<GuardLink | null> {
  return new Promise((resolve) => {
    const socket = createConnection({ path })
    socket.once('error', () => resolve(null))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(linkOn(socket, events))
    })
  })
}

function linkOn(socket: Socket, events: GuardLinkEvents): GuardLink {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('error', () => socket.destroy())
  socket.on('close', () => events.onDown())
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) socket.destroy()
    for (const line of lines) events.onLine(line)
  })
  // The daemon's own end does not wait for it.
  socket.unref()
  return {
    send(line) {
      if (socket.destroyed || socket.writableLength > unreadLimit) {
        socket.destroy()
        return false
      }
      socket.write(`${line}\n`)
      return true
    },
    close: () => socket.destroy(),
  }
}
