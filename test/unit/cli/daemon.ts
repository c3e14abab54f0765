import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../src/cli/main.js'
import type { Terminal } from '../../../src/cli/terminal.js'
import type { ApiEvent } from '../../../src/daemon/api/contract.js'
import { cluster } from './sample.js'

export interface Request {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export type Reply = { readonly status?: number; readonly body: unknown } | 'hang up'

/** Answers one request; null: the usual answer. */
export type Script = (request: Request) => Reply | null | Promise<Reply | null>

/** A server on a Unix socket that answers as a script says and remembers what it was asked. */
export class Daemon {
  readonly requests: Request[] = []
  script: Script = () => null
  private readonly followers = new Set<ServerResponse>()

  private constructor(
    readonly root: string,
    private readonly server: Server,
  ) {}

  static async start(): Promise<Daemon> {
    const root = await mkdtemp(join(tmpdir(), 'lsu-cli-'))
    await mkdir(join(root, 'run/longshore'), { recursive: true })
    const server = createServer((request, response) => void daemon.answer(request, response))
    const daemon: Daemon = new Daemon(root, server)
    await new Promise<void>((resolve) => server.listen(join(root, 'run/longshore/api.sock'), resolve))
    return daemon
  }

  async stop(): Promise<void> {
    for (const follower of this.followers) follower.destroy()
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
    await rm(this.root, { recursive: true, force: true })
  }

  publish(event: ApiEvent): void {
    for (const follower of this.followers)
      follower.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`)
  }

  /** Ends every event stream, as a daemon that stops does. */
  cut(): void {
    for (const follower of this.followers) follower.destroy()
    this.followers.clear()
  }

  /** What was asked for but reading the status and following events. */
  get asked(): readonly Request[] {
    return this.requests.filter(({ path }) => path !== '/api/status' && path !== '/api/events')
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    const asked: Request = {
      method: request.method ?? '',
      path: request.url ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    }
    this.requests.push(asked)
    const reply = (await this.script(asked)) ?? usual(asked)
    if (reply === 'hang up') response.destroy()
    else if (asked.path === '/api/events' && reply.status === undefined) this.follow(response)
    else {
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
    }
  }

  private follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': welcome\n\n')
    this.followers.add(response)
  }
}

function usual({ method, path }: Request): Reply {
  if (path === '/api/status') return { body: cluster() }
  if (path.startsWith('/api/logs')) return { body: { entries: [], missing: [] } }
  if (path.endsWith('/history')) return { body: { entries: [] } }
  if (method === 'GET' && path.endsWith('/config'))
    return { body: { name: 'db1', version: 'v1', text: 'DEFAULT:\n  nodes: "*"\n' } }
  return { body: { target: null, message: 'so it is', nodes: [] } }
}

/** A terminal that remembers. Its answers to questions are given beforehand. */
export class Recorder implements Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  stdout = ''
  stderr = ''
  questions = ''
  private readonly interrupts = new Set<() => void>()

  constructor(
    root: string,
    readonly isTerminal = false,
    readonly isInteractive = false,
    private readonly answers: readonly string[] = [],
    private readonly stdin = '',
    env: Readonly<Record<string, string | undefined>> = {},
  ) {
    this.env = { LONGSHORE_ROOT: root, NO_COLOR: '1', ...env }
  }

  size(): { columns: number; rows: number } | null {
    return this.isTerminal ? { columns: 100, rows: 40 } : null
  }

  out(text: string): void {
    this.stdout += text
  }

  err(text: string): void {
    this.stderr += text
  }

  input(maxBytes: number): Promise<string | null> {
    return Promise.resolve(this.stdin.length > maxBytes ? null : this.stdin)
  }

  ask(question: string): Promise<string> {
    const asked = this.questions === '' ? 0 : this.questions.split('\n').length
    this.questions += `${asked === 0 ? '' : '\n'}${question}`
    return Promise.resolve(this.answers[asked] ?? '')
  }

  onInterrupt(callback: () => void): () => void {
    this.interrupts.add(callback)
    return () => this.interrupts.delete(callback)
  }

  onResize(): () => void {
    return () => undefined
  }

  interrupt(): void {
    for (const callback of this.interrupts) callback()
  }
}

/** One command line, split at spaces; its first word is the program. */
export function type(terminal: Terminal, line: string | readonly string[]): Promise<number> {
  const [program = '', ...argv] = typeof line === 'string' ? line.split(' ') : line
  return run(program, argv, terminal)
}

/** Waits until something holds, a bounded time. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 6000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!holds()) throw new Error('it did not come to that in five seconds')
}
