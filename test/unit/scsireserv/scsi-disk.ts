import type { ExecResult, FileStat } from '../../../src/daemon/ports.js'
import type { DriverPorts } from '../../../src/resources/driver.js'
import { systemPorts } from '../../drivers/node.js'

const block: FileStat = {
  kind: 'block',
  mode: 0o660,
  uid: 0,
  gid: 6,
  size: 0,
  rdev: 0x800,
  modifiedWallMs: 0,
}

/** Exit codes of sg3_utils (sg3_utils(8)). */
const UNIT_ATTENTION = 6
const CONFLICT = 24

const WORDS: Readonly<Record<string, string>> = {
  1: 'Write Exclusive',
  5: 'Write Exclusive, registrants only',
}

/**
 * A disk that several nodes see, with as much of the persistent reservations of SPC-4 as sg_persist is asked for here, and what sg_persist 1.46 prints of them. A path
 * is a node and a device of it; each is registered by itself.
 */
export class ScsiDisk {
  /** Key by path. */
  readonly registered = new Map<string, string>()
  holder: { path: string; type: string } | null = null
  /** Paths that are told once, in the place of an answer, that something has changed. */
  private readonly attention = new Set<string>()
  private generation = 0
  /** Every change that was asked for. */
  readonly asked: string[] = []

  /** The tools of a node that sees the disk as these devices. */
  ports(node: string, ...devices: readonly string[]): DriverPorts {
    const io = systemPorts()
    return {
      ...io,
      files: { ...io.files, stat: async (path) => (devices.includes(path) ? block : null) },
      exec: { ...io.exec, run: async (argv) => this.answer(`${node}:${argv.at(-1)}`, argv) },
    }
  }

  private answer(path: string, argv: readonly string[]): ExecResult {
    const end = (exit: number, stdout = ''): ExecResult => ({
      argv,
      outcome: 'exited',
      exit,
      stdout,
      stderr: exit === CONFLICT ? 'PR out: Reservation conflict' : '',
      durationMs: 1,
    })
    if (this.attention.delete(path)) return end(UNIT_ATTENTION)
    if (argv.includes('--read-keys')) return end(0, this.keys())
    if (argv.includes('--read-reservation')) return end(0, this.reservation())
    this.asked.push(argv.slice(3).join(' '))
    return end(this.change(path, argv))
  }

  private keys(): string {
    const keys = [...this.registered.values()]
    const head = `  PR generation=0x${this.generation.toString(16)}, `
    if (keys.length === 0) return `${head}there are NO registered reservation keys\n`
    const follow =
      keys.length === 1
        ? '1 registered reservation key follows:'
        : `${keys.length} registered reservation keys follow:`
    return `${head}${follow}\n${keys.map((key) => `    ${key}\n`).join('')}`
  }

  private reservation(): string {
    const head = `  PR generation=0x${this.generation.toString(16)}, `
    if (this.holder === null) return `${head}there is NO reservation held\n`
    const { path, type } = this.holder
    return `${head}Reservation follows:\n    Key=${this.registered.get(path)}\n    scope: LU_SCOPE,  type: ${WORDS[type]}\n`
  }

  private change(path: string, argv: readonly string[]): number {
    const value = (name: string): string =>
      argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? ''
    const sark = value('param-sark')
    if (argv.includes('--register-ignore')) return this.register(path, sark)
    if (this.registered.get(path) !== value('param-rk')) return CONFLICT
    if (argv.includes('--reserve')) return this.reserve(path, value('prout-type'))
    if (argv.includes('--release')) return this.release(path)
    return this.preempt(path, sark, value('prout-type'))
  }

  private register(path: string, key: string): number {
    this.generation += 1
    if (key !== '0x0') this.registered.set(path, key)
    else if (this.registered.delete(path) && this.holder?.path === path) this.release(path)
    return 0
  }

  private reserve(path: string, type: string): number {
    if (this.holder !== null && (this.holder.path !== path || this.holder.type !== type)) return CONFLICT
    this.holder = { path, type }
    return 0
  }

  private release(path: string): number {
    if (this.holder?.path === path) this.holder = null
    return 0
  }

  private preempt(path: string, key: string, type: string): number {
    const gone = [...this.registered].flatMap(([other, one]) =>
      one === key && other !== path ? [other] : [],
    )
    if (gone.length === 0) return CONFLICT
    this.generation += 1
    if (this.holder !== null && this.registered.get(this.holder.path) === key) this.holder = { path, type }
    for (const other of gone) {
      this.registered.delete(other)
      this.attention.add(other)
    }
    return 0
  }
}
