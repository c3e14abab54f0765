import { streamSSE, type SSEStreamingApi } from 'hono/streaming'
import { heardPeers } from '../../../core/membership.js'
import type { ClusterRoom } from '../../cluster-room.js'
import { refused } from '../answer.js'
import { roomOf, type Api } from '../environment.js'
import type { House } from '../house.js'

const queueLimit = 10_000
const aliveEveryMs = 15_000

/** The event stream. An operator's stream carries the other nodes' log lines and progress too; a member asks for `own=1`. */
export function eventRoutes(api: Api, house: House): void {
  api.get('/api/events', (c) => {
    const room = roomOf(house)
    if (!room.ok) return refused(c, room.error)
    const queue = new Outbox()
    const cancel = room.value.stream.subscribe((event) => queue.push(JSON.stringify(event)))
    if (cancel === null) {
      return refused(c, {
        code: 'UNAVAILABLE',
        message: 'too many clients follow the events of this node: end some',
      })
    }
    const own = c.req.query('own') === '1'
    const stopRelay = own ? () => undefined : relay(house, room.value, (data) => queue.push(data))
    return streamSSE(c, async (stream) => {
      await pump(stream, queue, room.value)
      cancel()
      stopRelay()
    })
  })
}

/** What waits for one client. */
class Outbox {
  private readonly lines: string[] = []
  /** A client that is too slow for the bound is let go: it asks again and catches up by the status. */
  overflown = false
  wake: () => void = () => undefined

  push(line: string): void {
    if (this.lines.length >= queueLimit) this.overflown = true
    else this.lines.push(line)
    this.wake()
  }

  shift(): string | undefined {
    return this.lines.shift()
  }
}

async function pump(stream: SSEStreamingApi, queue: Outbox, room: ClusterRoom): Promise<void> {
  const { clock } = room.ports
  stream.onAbort(() => queue.wake())
  await stream.write(': hello\n\n')
  while (!stream.aborted && !stream.closed && !queue.overflown) {
    const data = queue.shift()
    if (data !== undefined) {
      await stream.writeSSE({ data })
      continue
    }
    const idle = await new Promise<boolean>((resolve) => {
      const cancel = clock.at(clock.nowMs() + aliveEveryMs, () => resolve(true))
      queue.wake = () => {
        cancel()
        resolve(false)
      }
    })
    if (idle) await stream.write(': alive\n\n')
  }
}

/** Log lines, and progress, of the peers that are heard: also of those that come later. */
function relay(house: House, room: ClusterRoom, push: (data: string) => void): () => void {
  const following = new Map<string, () => void>()
  const onLine = (line: string): void => {
    if (line.startsWith('{"kind":"log"') || line.startsWith('{"kind":"progress"')) push(line)
  }
  const adjust = (): void => {
    const heard = new Set(heardPeers(room.agent.world))
    for (const node of heard) {
      if (!following.has(node)) following.set(node, house.followPeer(node, '/api/events?own=1', onLine))
    }
    for (const [node, end] of following) {
      if (heard.has(node)) continue
      end()
      following.delete(node)
    }
  }
  adjust()
  const cancel = room.stream.subscribe((event) => {
    if (event.kind === 'changed') adjust()
  })
  return () => {
    cancel?.()
    for (const end of following.values()) end()
  }
}
