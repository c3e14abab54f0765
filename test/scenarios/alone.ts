// Nodes without a lab: omd as it is, in a network namespace of its own, with its files in a temporary folder. For what goes wrong before Docker or a disk is needed.
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const patienceMs = 60_000

/** A command that ended. */
export interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export interface AloneOptions {
  /** Its host name. */
  readonly name: string
  /** Namespace of its network; made and removed by `lan`, or by the node where there is none. */
  readonly netns?: string
  /** Shell commands before omd begins, where mounts are the daemon's own; `$VAR` is its /var. */
  readonly before?: string
  /** The cluster that it only votes in: `omd --witness NAME`. */
  readonly witness?: string
  /** Another daemon on the same machine, whose files this one's are beside. */
  readonly beside?: Alone
}

/** One daemon, which may be down. */
export class Alone {
  readonly root: string
  private readonly netns: string
  private daemon: ChildProcess | null = null
  private said = ''

  constructor(private readonly o: AloneOptions) {
    this.root = o.beside?.root ?? mkdtempSync(join(tmpdir(), 'lsu-alone-'))
    this.netns = o.beside?.netns ?? o.netns ?? `lsu-${process.pid}-${o.name}`
    if (!this.isGuest) run('ip', ['netns', 'add', this.netns])
  }

  /** Starts omd and waits until it answers; with `ends`, until it has ended, and gives its exit code. */
  async start(o: { readonly ends?: boolean; readonly before?: string } = {}): Promise<number | null> {
    const variable = join(this.root, 'var')
    mkdirSync(variable, { recursive: true })
    const before = o.before ?? this.o.before ?? 'true'
    const program = [process.execPath, `${dist}/daemon/main.js`, ...this.words].join(' ')
    const script = `hostname ${this.o.name}; mount --make-rprivate /; VAR=${variable}; ${before}; exec ${program}`
    const argv = ['netns', 'exec', this.netns, 'unshare', '--uts', '--mount', 'sh', '-c', script]
    const env = { ...process.env, LONGSHORE_ROOT: this.root }
    const daemon = spawn('ip', argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [daemon.stdout, daemon.stderr])
      stream.on('data', (chunk: Buffer) => (this.said += chunk.toString()))
    this.daemon = daemon
    if (o.ends === true) return exitOf(daemon)
    await until('omd answers', async () => (await this.om('daemon status')).exit === 0)
    return null
  }

  private get words(): readonly string[] {
    return this.o.witness === undefined ? [] : ['--witness', this.o.witness]
  }

  /** Its network is somebody else's to remove. */
  private get isGuest(): boolean {
    return this.o.netns !== undefined || this.o.beside !== undefined
  }

  /** What omd has printed so far. */
  get output(): string {
    return this.said
  }

  get alive(): boolean {
    return this.daemon?.exitCode === null && this.daemon.signalCode === null
  }

  /** A path of the node as its daemon sees it, mounts of its own included. */
  inside(path: string): string {
    return `/proc/${this.daemon?.pid ?? 0}/root${join(this.root, path)}`
  }

  /** `om WORDS`. */
  om(words: string, input = '', env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return ended(process.execPath, [`${dist}/bin/om.cjs`, ...words.split(' ')], {
      input,
      env: { LONGSHORE_ROOT: this.root, LONGSHORE_WITNESS: this.o.witness ?? '', ...env },
    })
  }

  /** As `om`, and it must succeed; what it printed. */
  async done(words: string, input?: string): Promise<string> {
    const ran = await this.om(words, input)
    expect(ran, `om ${words}`).toMatchObject({ exit: 0 })
    return ran.stdout
  }

  /** As `om`, and it must be refused with exit code 1 and nothing on standard output; its sentences. */
  async refused(words: string, input?: string): Promise<string> {
    const ran = await this.om(words, input)
    expect(ran, `om ${words}`).toMatchObject({ exit: 1, stdout: '' })
    expect(ran.stderr, `om ${words}`).not.toMatch(/^\s+at |node:internal|undefined|\[object/m)
    return ran.stderr.trimEnd()
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { daemon } = this
    if (daemon === null || !this.alive) return
    daemon.kill(signal)
    await exitOf(daemon)
  }

  /** Removes every trace. */
  async end(): Promise<void> {
    await this.stop('SIGKILL')
    if (!this.isGuest) run('ip', ['netns', 'del', this.netns])
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Runs something in the node's network. */
  inNetwork(argv: readonly string[], input = ''): Promise<Ended> {
    return ended('ip', ['netns', 'exec', this.netns, ...argv], { input })
  }

  /** A file of the node, as text; empty where there is none. */
  file(path: string): string {
    const full = this.inside(path)
    return existsSync(full) ? readFileSync(full, 'utf8') : ''
  }
}

/** Two nodes with a cable between them: 10.99.0.1 and 10.99.0.2. */
export function pair(names: readonly [string, string]): {
  readonly nodes: readonly [Alone, Alone]
  readonly end: () => Promise<void>
} {
  const { nodes, end } = lan(names)
  return { nodes: nodes as [Alone, Alone], end }
}

/** Nodes at one switch, in their order from 10.99.0.1 on; `lan` is the interface of each. */
export function lan(names: readonly string[]): {
  readonly nodes: readonly Alone[]
  readonly end: () => Promise<void>
} {
  const ofSwitch = `lsu-${process.pid}-switch`
  run('ip', ['netns', 'add', ofSwitch])
  run('ip', ['-n', ofSwitch, 'link', 'add', 'switch', 'up', 'type', 'bridge'])
  const places = names.map((name, i) => {
    const netns = `lsu-${process.pid}-${name}`
    run('ip', ['netns', 'add', netns])
    plug(netns, ofSwitch, i + 1)
    return netns
  })
  const nodes = names.map((name, i) => new Alone({ name, netns: places[i]! }))
  return {
    nodes,
    end: async () => {
      for (const node of nodes) await node.end()
      for (const netns of [...places, ofSwitch]) run('ip', ['netns', 'del', netns])
    },
  }
}

function plug(netns: string, ofSwitch: string, n: number): void {
  const port = `port${n}`
  run('ip', ['link', 'add', 'lan', 'netns', netns, 'type', 'veth', 'peer', 'name', port, 'netns', ofSwitch])
  run('ip', ['-n', ofSwitch, 'link', 'set', port, 'up', 'master', 'switch'])
  run('ip', ['-n', netns, 'addr', 'add', `10.99.0.${n}/24`, 'dev', 'lan'])
  for (const link of ['lo', 'lan']) run('ip', ['-n', netns, 'link', 'set', link, 'up'])
}

/** Asks until the answer is true. */
export async function until(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + patienceMs
  while (!(await ask())) {
    if (performance.now() > endMs) throw new Error(`not within ${patienceMs / 1000} s: ${what}`)
    await sleep(100)
  }
}

function run(command: string, argv: readonly string[]): void {
  execFileSync(command, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
}

function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once('close', (code) => resolve(code)))
}

function ended(
  command: string,
  argv: readonly string[],
  o: { readonly input: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...o.env }
    const child = execFile(command, argv, { env, timeout: patienceMs }, (error, stdout, stderr) => {
      const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ exit, stdout, stderr })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(o.input)
  })
}
