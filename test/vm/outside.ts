// What leaves a machine, seen from outside of it: writes to a shared disk at QEMU's own system calls, packets at the switch's end of its cable.
import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { execa, type ResultPromise } from 'execa'
import { LabError } from '../lab/failure.js'
import { portOf } from '../lab/network.js'
import { nodeName, type Place } from '../lab/place.js'
import { until } from '../lab/wait.js'
import { mustBeOn } from './machine.js'

/** Something that left a machine. */
export interface Sign {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly text: string
}

export interface Watch {
  /** So far, in the order of time. */
  readonly signs: readonly Sign[]
  stop(): Promise<void>
}

/** Watches what a machine writes to the file of a shared disk. The machine may be paused. */
export async function watchWrites(place: Place, n: number, file: string): Promise<Watch> {
  const { pid } = await mustBeOn(place, n)
  const numbers = await descriptorsOf(pid, file)
  if (numbers.length === 0) throw new LabError(`${nodeName(n)} does not have ${file} open`)
  const traced = 'trace=pwrite64,pwritev,pwritev2,write,writev'
  const child = execa('strace', ['-f', '-ttt', '-p', String(pid), '-e', traced, '-e', 'signal=none'], {
    reject: false,
    lines: true,
    buffer: false,
    detached: true,
  })
  const own = numbers.map((number) => new RegExp(`^(?:\\[pid +\\d+\\] )?([\\d.]+) \\w+\\(${number},`))
  return watch(child, child.stderr, /Process \d+ attached/, (line) => own.some((one) => one.test(line)))
}

/** Watches what a machine sends from an address, on net 0. */
export async function watchPackets(place: Place, n: number, address: string): Promise<Watch> {
  const enter = ['nsenter', `--net=/run/netns/${place.switchNamespace}`]
  const filter = `src host ${address} or (arp and arp[14:4] == 0x${hexOf(address)})`
  const argv = [...enter, 'tcpdump', '-l', '-n', '-tt', '-Q', 'in', '-i', portOf(place, n, 0), filter]
  const [command = '', ...args] = argv
  const child = execa(command, args, { reject: false, lines: true, buffer: false, detached: true })
  return watch(child, child.stdout, /listening on/, () => true)
}

async function watch(
  child: ResultPromise,
  stream: NodeJS.ReadableStream | null,
  ready: RegExp,
  counts: (line: string) => boolean,
): Promise<Watch> {
  const signs: Sign[] = []
  let isReady = false
  let rest = ''
  const take = (counted: boolean) => (chunk: Buffer) => {
    isReady ||= ready.test(chunk.toString())
    if (!counted) return
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const seconds = /(\d{10}\.\d+)/.exec(line)?.[1]
      if (seconds !== undefined && counts(line)) signs.push({ atMs: Number(seconds) * 1000, text: line })
    }
  }
  child.stdout?.on('data', take(stream === child.stdout))
  child.stderr?.on('data', take(stream === child.stderr))
  await until(async () => isReady, {
    timeoutMs: 10_000,
    or: 'what is to watch a machine does not begin: run test/vm/deps.sh',
  })
  return {
    signs,
    async stop() {
      child.kill('SIGTERM')
      await child
    },
  }
}

/** Numbers under which a process has a file open. */
async function descriptorsOf(pid: number, file: string): Promise<number[]> {
  const folder = `/proc/${pid}/fd`
  const numbers = await readdir(folder)
  const targets = await Promise.all(
    numbers.map(async (number) => ({ number, target: await readlink(join(folder, number)).catch(() => '') })),
  )
  return targets.flatMap(({ number, target }) => (target === file ? [Number(number)] : []))
}

const hexOf = (address: string): string =>
  address
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'))
    .join('')
