import type { RawData, WebSocket } from 'ws'
import { helloOf, judgeHello, type Acquaintance, type Agreement } from '../peers/hello.js'
import { formatMessage, LONGEST_MESSAGE_BYTES, parseMessage, type Hello } from '../peers/wire.js'
import type { Clock } from '../ports.js'

/** What waits to be sent on one connection may not be more: then nothing more is taken until the peer reads on. */
const LONGEST_QUEUE_BYTES = 2 * LONGEST_MESSAGE_BYTES

/** The other side has this long for its hello. */
const GREETING_MS = 5_000

/** After a refusal the connection is given this long to close by itself. */
const FAREWELL_MS = 1_000

const REFUSED = 4001

export interface ConnectionOptions {
  readonly socket: WebSocket
  readonly clock: Clock
  readonly acquaintance: () => Acquaintance
  /** The node that the other side's certificate names. */
  readonly node: string
  /** The path's id where this side has dialled; null where the other one tells it. */
  readonly dialled: string | null
  /** A connection on which nothing arrives for this long is given up. */
  readonly idleMs: number
  readonly onUp: (path: string, agreed: Agreement) => void
  readonly onText: (path: string, text: string) => void
  /** Once, at the end, whether it was up or not. */
  readonly onEnd: (why: string) => void
}

export interface Connection {
  /** False where it is not up, or too much waits already. */
  send(text: string): boolean
  /** Tells the other side why, and closes. */
  refuse(why: string): void
  end(why: string): void
}

/**
 * One WebSocket from its opening on. Both sides begin with a hello, the one that dialled first; each judges the other's. The side that was dialled counts the
 * connection as up only with the first message after the hellos: till then the other one may still refuse.
 */
export function connection(o: ConnectionOptions): Connection {
  const { socket } = o
  const life = lifeOf(o)
  let isUp = false
  let path = o.dialled ?? ''
  /** Of the side that was dialled: it has answered the hello. */
  let agreed: Agreement | null = null

  function up(how: Agreement): void {
    isUp = true
    life.watch(o.idleMs)
    o.onUp(path, how)
  }

  function greet(hello: Hello): void {
    const { own } = o.acquaintance()
    const judged = judgeHello(hello, o.node, o.acquaintance())
    if (!judged.ok) return life.refuse(judged.error.message)
    if (o.dialled !== null) return up(judged.value)
    if (!hello.path.startsWith(`${o.node}>${own.node}@`))
      return life.refuse(`no path from ${o.node} is called ${hello.path}`)
    path = hello.path
    agreed = judged.value
    socket.send(formatMessage(helloOf(own, path)))
  }

  function receive(text: string): void {
    if (isUp) return o.onText(path, text)
    const message = parseMessage(text)
    if (!message.ok) return life.refuse(message.error.message)
    if (message.value?.kind === 'refuse') return life.end(`${o.node} refuses: ${message.value.why}`)
    if (agreed !== null) {
      up(agreed)
      return o.onText(path, text)
    }
    if (message.value?.kind !== 'hello')
      return life.refuse(`the first message was ${message.value?.kind ?? 'of an unknown kind'} and not hello`)
    greet(message.value)
  }

  socket.on('message', (data: RawData, binary: boolean) => {
    if (life.ended()) return
    life.heard()
    if (binary) life.refuse('messages are text')
    else receive(textOf(data))
  })
  if (o.dialled !== null) socket.send(formatMessage(helloOf(o.acquaintance().own, o.dialled)))

  return {
    send: (text) => {
      const fits = socket.bufferedAmount + text.length <= LONGEST_QUEUE_BYTES
      if (!isUp || life.ended() || !fits) return false
      socket.send(text)
      return true
    },
    refuse: life.refuse,
    end: life.end,
  }
}

/** The end of a connection: by itself, by a refusal, or because nothing is heard. */
function lifeOf({ socket, clock, node, onEnd }: ConnectionOptions) {
  let over = false
  let heardMs = clock.nowMs()
  let cancelTimer = clock.at(heardMs + GREETING_MS, () => end(`${node} sent no hello`))

  function finish(why: string): void {
    over = true
    cancelTimer()
    onEnd(why)
  }

  function end(why: string): void {
    if (over) return
    socket.terminate()
    finish(why)
  }

  function refuse(why: string): void {
    if (over) return
    socket.send(formatMessage({ kind: 'refuse', why }))
    socket.close(REFUSED, shortened(why))
    clock.at(clock.nowMs() + FAREWELL_MS, () => socket.terminate())
    finish(why)
  }

  /** From now on it is given up once nothing was heard for so long. */
  function watch(idleMs: number): void {
    cancelTimer()
    cancelTimer = clock.at(heardMs + idleMs, () => {
      if (clock.nowMs() - heardMs < idleMs) watch(idleMs)
      else end(`nothing was heard from ${node} for ${idleMs / 1000} s`)
    })
  }

  socket.on('close', (code, reason) =>
    end(`${node} closed it (${reason.length > 0 ? reason.toString() : code})`),
  )
  socket.on('error', (error) => end(error.message))
  return { end, refuse, watch, heard: () => void (heardMs = clock.nowMs()), ended: () => over }
}

/** A close frame's reason has at most 123 bytes (RFC 6455, section 5.5). */
function shortened(why: string): string {
  const ascii = why.replace(/[^ -~]/g, '?')
  return ascii.length <= 123 ? ascii : `${ascii.slice(0, 120)}...`
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8')
}
