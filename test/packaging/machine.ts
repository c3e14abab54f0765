// A machine to install on: a root filesystem of its own in namespaces of its own, gone with the process that holds it. systemd is installed there, and does
// not run.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { buildWith, cached, keyOf } from '../lab/cache.js'

/** How long a command in there may take. */
const limitMs = 60_000

export interface Said {
  readonly exit: number
  readonly out: string
}

/** Everything is mounted in its own namespace, over a tmpfs; Node is this machine's. Its first process reaps, and ends when nobody holds its input. */
const script = `set -e
mount -t tmpfs tmpfs "$2"
mkdir "$2/upper" "$2/work" "$2/root"
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
touch "$2/root/usr/bin/node"
mount --bind "$3" "$2/root/usr/bin/node"
mkdir "$2/root/packages"
mount --bind "$4" "$2/root/packages"
hostname node1
ip link set lo up
echo up
while read -r _; do :; done`

export class Machine {
  private constructor(
    private readonly init: ChildProcess,
    private readonly root: string,
    private readonly pid: string,
  ) {}

  /** `packages` is seen in there as /packages. */
  static async start(folder: string, packages: string): Promise<Machine> {
    const maker = join(import.meta.dirname, 'root.sh')
    const name = `packaging-${await keyOf([maker])}`
    const lower = await cached(name, (path) => buildWith(maker, path))
    const words = [
      '--mount',
      '--pid',
      '--net',
      '--uts',
      '--ipc',
      '--fork',
      '--kill-child',
      'bash',
      '-c',
      script,
    ]
    const init = spawn('unshare', [...words, 'machine', lower, folder, process.execPath, packages], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface(init.stdout), 'line')) as [string]
    if (line !== 'up') throw new Error(`the machine did not come up: ${line}`)
    const { stdout: pid } = await execa('pgrep', ['--parent', String(init.pid)])
    return new Machine(init, `${folder}/root`, pid.trim())
  }

  /** A command line for a shell in there, to its end. */
  async run(line: string): Promise<Said> {
    const [file, ...words] = this.enter(line)
    const ended = await execa(file, words, { all: true, reject: false, timeout: limitMs, ...clean })
    return { exit: ended.exitCode ?? -1, out: ended.all }
  }

  /** The same where it must succeed: what it printed. */
  async must(line: string): Promise<string> {
    const { exit, out } = await this.run(line)
    if (exit !== 0) throw new Error(`${line} ended with ${exit}: ${out}`)
    return out
  }

  /** A command that goes on; its lines. */
  begin(line: string): { readonly child: ChildProcess; next(): Promise<string> } {
    const [file, ...words] = this.enter(line)
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'inherit'], ...clean })
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    return { child, next: async () => String((await lines.next()).value) }
  }

  async stop(): Promise<void> {
    if (this.init.exitCode !== null) return
    const ended = once(this.init, 'exit')
    this.init.kill('SIGKILL')
    await ended
  }

  private enter(line: string): readonly [string, ...string[]] {
    const spaces = ['--mount', '--pid', '--net', '--uts', '--ipc']
    return ['nsenter', '--target', this.pid, ...spaces, 'chroot', this.root, 'bash', '-c', line]
  }
}

const clean = {
  env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
  extendEnv: false,
}
