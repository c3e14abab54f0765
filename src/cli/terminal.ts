import { coloured, plain, type Paint } from './render/paint.js'

/** Where a command reads and writes. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard output goes to a person's terminal. */
  readonly isTerminal: boolean
  /** Somebody can be asked. */
  readonly isInteractive: boolean
  size(): { readonly columns: number; readonly rows: number } | null
  out(text: string): void
  err(text: string): void
  /** All of standard input; null where it is more than `maxBytes`. */
  input(maxBytes: number): Promise<string | null>
  /** Asks for a line. */
  ask(question: string): Promise<string>
  onInterrupt(callback: () => void): () => void
  onResize(callback: () => void): () => void
}

/** The terminal, or file, that this process talks to. */
export function processTerminal(): Terminal {
  // The other two streams are made when they are used: most commands never do, and each costs a few milliseconds.
  const { stdout, env } = process
  // A reader that went away (`om … | head`) ends the command, it is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  return {
    env,
    isTerminal: stdout.isTTY === true,
    get isInteractive() {
      return stdout.isTTY === true && process.stdin.isTTY === true
    },
    // A terminal that does not know its size says 0.
    size: () =>
      stdout.columns > 0 && stdout.rows > 0 ? { columns: stdout.columns, rows: stdout.rows } : null,
    out: (text) => void stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: (maxBytes) => readAll(maxBytes),
    ask,
    onInterrupt: (callback) => subscribe(['SIGINT', 'SIGTERM', 'SIGHUP'], callback),
    onResize: (callback) => subscribe(['SIGWINCH'], callback),
  }
}

function subscribe(signals: readonly NodeJS.Signals[], callback: () => void): () => void {
  for (const signal of signals) process.on(signal, callback)
  return () => {
    for (const signal of signals) process.off(signal, callback)
  }
}

async function readAll(maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await lines.question(question)
  } catch {
    return ''
  } finally {
    lines.close()
  }
}

/** `always`, `never`, or `auto`: on a terminal, unless `NO_COLOR` is set (https://no-color.org) or the terminal is a dumb one. */
export function paintFor(color: string, terminal: Terminal): Paint {
  if (color === 'always') return coloured
  const { NO_COLOR: none, TERM: term } = terminal.env
  const may =
    color === 'auto' && terminal.isTerminal && (none === undefined || none === '') && term !== 'dumb'
  return may ? coloured : plain
}
