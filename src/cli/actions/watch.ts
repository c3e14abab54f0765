import type { ApiEvent, ClusterStatus } from '../../daemon/api/contract.js'
import { clusterStatus } from '../cluster-status.js'
import type { Call } from '../command.js'
import type { EventStream } from '../events.js'
import { formatted, refuse } from '../output.js'
import { Screen } from '../screen.js'
import { frameOf, type View } from './mon.js'

/** Ages and loads are shown too, which no event tells of: the screen is renewed at least this often. */
const RENEW_MS = 5_000
const RETRY_MS = 1_000
/** Nobody watches a pipe: there a daemon that stays away ends the command. */
const MAX_RETRIES_IN_PIPE = 60

/** `svcmon -w`: repaints whenever something changes, until somebody interrupts. In a pipe each change is a frame of its own. */
export async function watch(call: Call, view: View): Promise<number> {
  const watcher = new Watcher(call, view)
  const forget = [
    call.terminal.onInterrupt(() => watcher.stop()),
    call.terminal.onResize(() => watcher.resized()),
  ]
  try {
    return await watcher.run()
  } finally {
    for (const each of forget) each()
    watcher.close()
  }
}

class Watcher {
  private readonly screen: Screen | null
  private stream: EventStream | null = null
  private stopped = false
  private last: readonly string[] = []
  private printed = ''
  private wake: () => void = () => undefined

  constructor(
    private readonly call: Call,
    private readonly view: View,
  ) {
    this.screen = call.terminal.isTerminal && call.format === 'table' ? new Screen(call.terminal) : null
  }

  stop(): void {
    this.stopped = true
    this.stream?.close()
    this.wake()
  }

  resized(): void {
    this.screen?.reset()
    this.screen?.paint(this.last)
  }

  close(): void {
    this.stream?.close()
    this.screen?.close()
  }

  async run(): Promise<number> {
    let failures = 0
    while (!this.stopped) {
      const problem = await this.follow()
      if (this.stopped) break
      failures = problem.followed ? 0 : failures + 1
      if (this.screen === null && failures >= MAX_RETRIES_IN_PIPE) {
        return refuse(this.call.terminal, { code: 'UNAVAILABLE', message: problem.message })
      }
      this.screen?.paint([...this.last, '', this.call.paint('bad', problem.message)])
      await this.pause()
    }
    return 0
  }

  /** Shows every change until the stream ends; why it did. */
  private async follow(): Promise<{ readonly followed: boolean; readonly message: string }> {
    const stream = await this.call.client.follow(['changed'])
    if (!stream.ok) return { followed: false, message: stream.error.message }
    this.stream = stream.value
    for (;;) {
      const status = await clusterStatus(this.call)
      if (!status.ok) {
        stream.value.close()
        return { followed: true, message: status.error.message }
      }
      await this.show(status.value)
      const event = await this.change(stream.value)
      if (event === 'ended') return { followed: true, message: 'omd went away; waiting for it' }
      // One look answers everything that has happened before it.
      stream.value.drain()
    }
  }

  /** A screen is renewed now and then; in a pipe only a change makes a frame. */
  private async change(stream: EventStream): Promise<ApiEvent | 'silence' | 'ended'> {
    for (;;) {
      const event = await stream.next(RENEW_MS)
      if (event !== 'silence' || this.screen !== null) return event
    }
  }

  private async show(status: ClusterStatus): Promise<void> {
    const frame = frameOf(this.call, this.view, status)
    const lines = frame.ok ? frame.value.lines : [this.call.paint('doubt', frame.error.message)]
    this.last = lines
    if (this.screen !== null) {
      this.screen.paint(lines)
      return
    }
    const text = await formatted(this.call, frame.ok ? frame.value.status : null, () => [...lines, ''])
    if (text !== this.printed) this.call.terminal.out(text)
    this.printed = text
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_MS)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
