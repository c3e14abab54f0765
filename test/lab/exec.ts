// Commands in a node, entered by its process 1: a few milliseconds each, so a test may make hundreds.
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa, type Options } from 'execa'
import { LabError } from './failure.js'
import { cgroupFolders, freezerState } from './cgroup.js'
import { nodeName, nodeState, type Place } from './place.js'
import { isAlive, kill, readStarted, type Started } from './process.js'

export interface ExecOptions {
  readonly input?: string
  /** After this the command is killed and the exit code is 124. Default: one minute. */
  readonly timeoutMs?: number
  readonly env?: Readonly<{ [name: string]: string }>
  /** Given what the command prints, as it comes. */
  readonly onOutput?: (text: string) => void
}

export interface ExecResult {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

// joins the node's cgroups first: what is started here is frozen, starved and killed with its node
const ENTER = `pid=$1; for dir in $2; do echo $$ >"$dir/cgroup.procs" || exit 1; done; shift 2
exec nsenter --target "$pid" --mount --uts --ipc --net --pid --cgroup -- "$@"`

/** Process 1 of a node that is up. */
export async function initOf(place: Place, n: number): Promise<Started | undefined> {
  const init = await readStarted(join(nodeState(place, n), 'init'))
  return init !== undefined && (await isAlive(init)) ? init : undefined
}

export async function mustBeUp(place: Place, n: number): Promise<Started> {
  const init = await initOf(place, n)
  if (init === undefined) throw new LabError(`${nodeName(n)} is down: boot it with "lab boot ${nodeName(n)}"`)
  return init
}

export async function mustRun(place: Place, n: number): Promise<Started> {
  const init = await mustBeUp(place, n)
  if ((await freezerState(`${place.name}/${nodeName(n)}`)) !== 'THAWED') {
    throw new LabError(`${nodeName(n)} is paused: let it go on with "lab resume ${nodeName(n)}"`)
  }
  return init
}

/** Runs a command in a node and returns what it said, whatever its exit code. */
export async function execIn(
  place: Place,
  n: number,
  argv: readonly string[],
  { input, timeoutMs = 60_000, env = {}, onOutput }: ExecOptions = {},
): Promise<ExecResult> {
  const child = execa('sh', await entering(place, n, argv), {
    ...settings(env),
    detached: true,
    cleanup: false,
    reject: false,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  })
  if (onOutput !== undefined) {
    for (const pipe of [child.stdout, child.stderr]) {
      const decoder = new TextDecoder()
      pipe?.on('data', (chunk: Buffer) => onOutput(decoder.decode(chunk, { stream: true })))
    }
  }
  // a grandchild may hold the pipes open for ever: once the command itself has ended, its output is given a moment
  child.once('exit', () => setTimeout(() => closePipes(child), 500).unref())
  const timer = new AbortController()
  const late = sleep(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const)
  const first = await Promise.race([child, late])
  timer.abort()
  if (first !== 'late') {
    return { exit: exitOf(first), stdout: String(first.stdout ?? ''), stderr: String(first.stderr ?? '') }
  }
  if (child.pid !== undefined) kill(-child.pid, 'SIGKILL')
  // a frozen process does not die before it is let go: its end is not waited for
  closePipes(child)
  child.unref()
  child.catch(() => undefined)
  return { exit: 124, stdout: '', stderr: `no answer within ${timeoutMs} ms: ${argv.join(' ')}\n` }
}

/** Runs a command in a node with this process' own input, output and terminal; returns its exit code. */
export async function execHere(place: Place, n: number, argv: readonly string[]): Promise<number> {
  const child = execa('sh', await entering(place, n, argv), {
    ...settings({}),
    stdio: 'inherit',
    reject: false,
  })
  return exitOf(await child)
}

/** As execIn, for commands that must succeed. */
export async function runIn(
  place: Place,
  n: number,
  argv: readonly string[],
  options?: ExecOptions,
): Promise<string> {
  return outputOf(n, argv, await execIn(place, n, argv, options))
}

/** Standard output of a command that succeeded; of another one, an error that says what it said. */
export function outputOf(n: number, argv: readonly string[], result: ExecResult): string {
  if (result.exit === 0) return result.stdout
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('; ')
  throw new LabError(`on ${nodeName(n)}, ${argv.join(' ')} ended with ${result.exit}: ${said}`)
}

async function entering(place: Place, n: number, argv: readonly string[]): Promise<string[]> {
  const init = await mustRun(place, n)
  const folders = await cgroupFolders(`${place.name}/${nodeName(n)}`)
  return ['-c', ENTER, 'lab', String(init.pid), folders.join(' '), ...argv]
}

function settings(env: Readonly<{ [name: string]: string }>): Options {
  const term = process.env['TERM']
  return {
    extendEnv: false,
    env: { PATH, HOME: '/root', LANG: 'C.UTF-8', ...(term === undefined ? {} : { TERM: term }), ...env },
    cwd: '/',
  }
}

function closePipes(child: { stdout?: unknown; stderr?: unknown }): void {
  for (const pipe of [child.stdout, child.stderr]) (pipe as { destroy?: () => void } | undefined)?.destroy?.()
}

function exitOf(result: { exitCode?: number; signal?: string }): number {
  if (result.exitCode !== undefined) return result.exitCode
  const signals: { readonly [name: string]: number } = constants.signals
  return 128 + (signals[result.signal ?? ''] ?? 9)
}
