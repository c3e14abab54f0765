// Commands in a machine through QEMU's guest agent, over a serial port: no network is needed, so every one may be broken.
// https://www.qemu.org/docs/master/interop/qemu-ga-ref.html
import { randomInt } from 'node:crypto'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExecOptions, ExecResult } from '../lab/exec.js'
import type { Place } from '../lab/place.js'
import { JsonSocket } from './json-socket.js'
import { machineFolder } from './place.js'

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/** What guest-exec-status answers; outputs are base64. */
interface ExecStatus {
  readonly exited: boolean
  readonly exitcode?: number
  readonly signal?: number
  readonly 'out-data'?: string
  readonly 'err-data'?: string
}

/** A question takes a few milliseconds; a machine that swaps or flushes may take seconds. */
const ANSWER_MS = 30_000
/** After a question the port is kept for so long, then left to other programs on this machine. */
const IDLE_MS = 100
const POLL_MS = { first: 10, most: 100 }

/** The port of one machine. It serves one connection at a time, so questions are put one after the other. */
export class Agent {
  private socket: JsonSocket | undefined
  private turn: Promise<unknown> = Promise.resolve()
  private idle: NodeJS.Timeout | undefined

  constructor(
    private readonly place: Place,
    private readonly n: number,
  ) {}

  /** True where the agent answers within the time. */
  async answers(timeoutMs: number): Promise<boolean> {
    return this.ask('guest-ping', undefined, timeoutMs).then(
      () => true,
      () => false,
    )
  }

  /** Milliseconds since 1970. */
  async setClock(nowMs: number): Promise<void> {
    await this.ask('guest-set-time', { time: nowMs * 1_000_000 })
  }

  /** Runs a command to its end, whatever its exit code. */
  async exec(
    argv: readonly string[],
    { input, timeoutMs = 60_000, env = {}, onOutput }: ExecOptions = {},
  ): Promise<ExecResult> {
    const set = Object.entries({ ...ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`)
    const { pid } = (await this.ask('guest-exec', {
      path: '/usr/bin/env',
      arg: ['-C', '/', ...argv],
      env: set,
      'capture-output': true,
      ...(input === undefined ? {} : { 'input-data': Buffer.from(input).toString('base64') }),
    })) as { pid: number }
    const ended = await this.ending(pid, timeoutMs)
    if (ended === undefined) {
      await this.ask('guest-exec', { path: '/bin/kill', arg: ['-KILL', '--', `-${pid}`] })
      return { exit: 124, stdout: '', stderr: `no answer within ${timeoutMs} ms: ${argv.join(' ')}\n` }
    }
    const [stdout, stderr] = [ended['out-data'], ended['err-data']].map((text = '') =>
      Buffer.from(text, 'base64').toString(),
    ) as [string, string]
    onOutput?.(stdout + stderr)
    return { exit: ended.exitcode ?? 128 + (ended.signal ?? constants.signals.SIGKILL), stdout, stderr }
  }

  private async ending(pid: number, timeoutMs: number): Promise<ExecStatus | undefined> {
    const endMs = performance.now() + timeoutMs
    for (let pauseMs = POLL_MS.first; ; pauseMs = Math.min(pauseMs * 1.3, POLL_MS.most)) {
      const status = (await this.ask('guest-exec-status', { pid })) as ExecStatus
      if (status.exited) return status
      if (performance.now() > endMs) return undefined
      await sleep(pauseMs)
    }
  }

  private ask(question: string, given?: object, timeoutMs = ANSWER_MS): Promise<unknown> {
    const asked = this.turn.then(async () => {
      clearTimeout(this.idle)
      const socket = await this.opened(timeoutMs)
      const answer = await socket.ask(question, given, timeoutMs)
      this.idle = setTimeout(() => this.close(), IDLE_MS)
      this.idle.unref()
      return answer
    })
    this.turn = asked.catch(() => undefined)
    return asked
  }

  /** A new connection first finds the end of what was said to the one before it. */
  private async opened(timeoutMs: number): Promise<JsonSocket> {
    if (this.socket?.usable === true) return this.socket
    const socket = await JsonSocket.open(join(machineFolder(this.place, this.n), 'agent'))
    const id = randomInt(1, 1_000_000_000)
    await socket.begin('guest-sync-delimited', { id }, timeoutMs)
    this.socket = socket
    return socket
  }

  private close(): void {
    this.socket?.close()
    this.socket = undefined
  }
}
