// vagrant/fault with programs that write down how they were called in place of a hypervisor, which this machine has not.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

type Provider = 'libvirt' | 'virtualbox'
type State = 'up' | 'paused' | 'down'

export interface Nodes {
  readonly provider?: Provider
  /** Of node1, node2, …: the identifier of node N is `id-N`. */
  readonly states?: readonly State[]
  /** Programs that there are beside Debian's. Default: all. */
  readonly tools?: readonly string[]
}

export interface Said {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** What was called, but for questions about a state. */
  readonly calls: readonly string[]
}

const SCRIPT = join(import.meta.dirname, '../../../vagrant/fault')
const LIBVIRT = { up: 'running', paused: 'paused', down: 'shut off' }
const VIRTUALBOX = { up: 'VMState="running"', paused: 'VMState="paused"', down: 'VMState="poweroff"' }

const TOOLS: Readonly<Record<string, string>> = {
  virsh: 'if [ "$1" = domstate ]; then cat "$STATES/$2"; exit; fi',
  VBoxManage: 'if [ "$1" = showvminfo ]; then cat "$STATES/$2"; exit; fi',
  vagrant: 'set -- "$@" "of $NODES"',
}

/** Of Debian's, what the script and the programs above call: a hypervisor of this machine's is not found. */
const BASICS = ['basename', 'cat', 'dirname', 'readlink', 'sed', 'sh']

/** Runs the script on nodes like these. */
export async function fault(nodes: Nodes, argv: readonly string[]): Promise<Said> {
  const { provider = 'libvirt', states = [], tools = Object.keys(TOOLS) } = nodes
  const folder = mkdtempSync(join(tmpdir(), 'longshore-fault-'))
  try {
    for (const part of ['bin', 'states']) mkdirSync(join(folder, part))
    for (const name of BASICS) symlinkSync(`/usr/bin/${name}`, join(folder, 'bin', name))
    for (const tool of tools) {
      const file = join(folder, 'bin', tool)
      writeFileSync(file, `#!/bin/sh\n${TOOLS[tool]}\necho "${tool} $*" >>"$CALLS"\n`)
      chmodSync(file, 0o755)
    }
    states.forEach((state, i) => {
      const place = join(folder, `machines/node${i + 1}`, provider)
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, 'id'), `id-${i + 1}`)
      const words = provider === 'libvirt' ? LIBVIRT : VIRTUALBOX
      writeFileSync(join(folder, 'states', `id-${i + 1}`), `${words[state]}\n`)
    })
    const calls = join(folder, 'calls')
    writeFileSync(calls, '')
    const env = {
      PATH: join(folder, 'bin'),
      VAGRANT_DOTFILE_PATH: folder,
      STATES: join(folder, 'states'),
      CALLS: calls,
    }
    const ran = await execa('/bin/bash', [SCRIPT, ...argv], { env, extendEnv: false, reject: false })
    return {
      exit: ran.exitCode ?? -1,
      stdout: ran.stdout,
      stderr: ran.stderr,
      calls: readFileSync(calls, 'utf8').split('\n').slice(0, -1),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
