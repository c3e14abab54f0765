// The protocol that QEMU's monitor and its agent in the guest share: a line of JSON for each question, one for each answer.
import { connect, type Socket } from 'node:net'
import { LabError } from '../lab/failure.js'

interface Answer {
  readonly return?: unknown
  readonly error?: { readonly class: string; readonly desc: string }
  readonly event?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly timestamp?: { readonly seconds: number; readonly microseconds: number }
}

/** `RESET`, `STOP`, … */
export interface QemuEvent {
  readonly name: string
  readonly atMs: number
  readonly data: Readonly<Record<string, unknown>>
}

interface Waiting {
  readonly question: string
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** No byte of any JSON text in UTF-8. */
const MARK = '\xff'

/** A connection that asks one question after the other; answers come in the order of the questions. */
export class JsonSocket {
  private readonly waiting: Waiting[] = []
  private rest = ''
  private marked = true
  private ended: Error | undefined

  private constructor(
    private readonly socket: Socket,
    private readonly path: string,
    private readonly onEvent: (event: QemuEvent) => void,
  ) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.take(text))
    socket.on('error', (error) => this.close(error))
    socket.on('close', () => this.close(new LabError(`${this.path} was closed: the machine has ended`)))
  }

  static async open(
    path: string,
    onEvent: (event: QemuEvent) => void = () => undefined,
  ): Promise<JsonSocket> {
    const socket = connect(path)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', () =>
        reject(new LabError(`nothing listens at ${path}: is the machine up? See "vm status"`)),
      )
    })
    return new JsonSocket(socket, path, onEvent)
  }

  /** Lets the agent forget what was said to it before; what it answers to that, up to its mark, is for nobody. */
  begin(execute: string, given: object, timeoutMs: number): Promise<unknown> {
    this.marked = false
    this.socket.write(MARK, 'latin1')
    return this.ask(execute, given, timeoutMs)
  }

  /** Answers within so many milliseconds, or the connection is of no more use. */
  ask(execute: string, given: object | undefined, timeoutMs: number): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(this.ended)
    return new Promise((resolve, reject) => {
      const late = new LabError(`no answer to ${execute} within ${timeoutMs} ms at ${this.path}`)
      const timer = setTimeout(() => this.close(late), timeoutMs)
      this.waiting.push({ question: execute, resolve, reject, timer })
      const question = { execute, ...(given === undefined ? {} : { arguments: given }) }
      this.socket.write(`${JSON.stringify(question)}\n`)
    })
  }

  get usable(): boolean {
    return this.ended === undefined
  }

  close(why: Error = new LabError(`${this.path} was closed`)): void {
    if (this.ended !== undefined) return
    this.ended = why
    this.socket.destroy()
    for (const { reject, timer } of this.waiting.splice(0)) {
      clearTimeout(timer)
      reject(why)
    }
  }

  private take(text: string): void {
    this.rest += text
    for (let end = this.rest.indexOf('\n'); end >= 0; end = this.rest.indexOf('\n')) {
      const line = this.rest.slice(0, end)
      this.rest = this.rest.slice(end + 1)
      const mark = line.lastIndexOf(MARK)
      this.marked ||= mark >= 0
      const text = line.slice(mark + 1).trim()
      if (this.marked && text !== '')
        this.settle(JSON.parse(Buffer.from(text, 'latin1').toString()) as Answer)
    }
  }

  private settle(answer: Answer): void {
    if (answer.event !== undefined) {
      const { seconds = 0, microseconds = 0 } = answer.timestamp ?? {}
      return this.onEvent({
        name: answer.event,
        atMs: seconds * 1000 + microseconds / 1000,
        data: answer.data ?? {},
      })
    }
    if (answer.return === undefined && answer.error === undefined) return
    const asked = this.waiting.shift()
    if (asked === undefined) return
    clearTimeout(asked.timer)
    if (answer.error === undefined) asked.resolve(answer.return)
    else asked.reject(new LabError(`${asked.question}: ${answer.error.desc}`))
  }
}
