import { fail, ok, type Result } from '../../../src/core/result.js'
import type { EngineSocket, Exec, ExecResult, Files, FileStat } from '../../../src/daemon/ports.js'
import type { DriverPorts } from '../../../src/resources/driver.js'
import { Known } from '../../../src/resources/known.js'
import { VirtualClock } from '../../sim/virtual-clock.js'

/** A container as the engine tells of it. */
interface Box {
  readonly name: string
  readonly id: string
  readonly pid: number
  readonly image: string
  readonly imageId: string
  readonly network: string
  readonly labels: Readonly<Record<string, string>>
  readonly startedAt: string
  runs: boolean
}

/** Milliseconds: a process, an answer of the engine, and what the engine takes to run or to stop a container. */
export interface Paces {
  readonly processMs: number
  readonly engineMs: number
  readonly runMs: number
}

const STAT: FileStat = { kind: 'directory', mode: 0, uid: 0, gid: 0, size: 0, rdev: 0, modifiedWallMs: 0 }

/** What the tutorial's service needs of a node, in memory and in its own time: LVM, mounts, Docker, and one network namespace. */
export class TutorialHost {
  readonly clock = new VirtualClock()
  /** `GET list`, `lvs`, `vgchange -a`, `inside: ip addr del`, … in the order in which they began. */
  readonly asked: string[] = []
  /** Of the volume group. */
  readonly tags = new Set<string>()
  /** Images that are not on the node. */
  readonly missing = new Set<string>()
  /** Of every image that is there. */
  imageId = 'sha256:1'
  /** The container that holds the namespace ends as soon as this was done. */
  endsHolder: string | null = null
  active = false
  mounted = false
  inside: { readonly name: string; readonly alias: string; address: boolean; up: boolean } | null = null
  routed = false
  private readonly boxes = new Map<string, Box>()
  private pids = 100

  constructor(private readonly paces: Paces) {}

  readonly ports = (): DriverPorts => ({
    clock: this.clock,
    exec: this.exec,
    files: this.files,
    engine: this.engine,
    known: new Known(this.clock),
  })

  /** Somebody else's hand on a container, now or later: it ends or comes up by itself; `null`: it is not there until then. */
  box(name: string, change: 'ends' | 'comes up' | null): void {
    const box = this.boxes.get(name)
    if (box === undefined) throw new Error(`there is no container ${name}`)
    if (change === null) {
      this.boxes.delete(name)
      this.clock.after(1000, () => void this.boxes.set(name, box))
    } else box.runs = change === 'comes up'
  }

  /** Lets time pass until it is there. */
  async until<T>(done: Promise<T>): Promise<T> {
    let over = false
    const settled = done.finally(() => (over = true))
    while (!over) {
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve))
      if (!over) this.clock.pass(10)
    }
    return settled
  }

  private readonly exec: Exec = {
    run: async (argv) => {
      this.asked.push(named(argv))
      await this.passes(this.lasts(argv))
      const [exit, stdout] = this.does(argv)
      const holder = this.holder()
      if (holder !== null && named(argv) === this.endsHolder) holder.runs = false
      return answer(argv, exit, stdout)
    },
    follow: () => () => undefined,
    detach: async () => fail('INTERNAL', 'nothing is detached here'),
  }

  private readonly engine: EngineSocket = {
    get: async (path) => {
      this.asked.push(
        path.startsWith('/images') ? 'GET image' : path.includes('?') ? 'GET list' : 'GET container',
      )
      await this.passes(this.paces.engineMs)
      if (path.startsWith('/images'))
        return this.missing.has(path.split('/')[2] ?? '')
          ? ok({ status: 404, body: '{"message":"No such image"}' })
          : ok({ status: 200, body: JSON.stringify({ Id: this.imageId }) })
      if (path.includes('?'))
        return ok({
          status: 200,
          body: JSON.stringify([...this.boxes.values()].map(({ id }) => ({ Id: id }))),
        })
      const box = this.boxOf(path.split('/')[2] ?? '')
      return ok(box === null ? { status: 404, body: '{}' } : { status: 200, body: JSON.stringify(told(box)) })
    },
  }

  private readonly files: Files = {
    read: async (path) => this.read(path),
    write: async () => ok(undefined),
    stat: async (path) => {
      const process = /^\/proc\/(\d+)$/.exec(path)?.[1]
      if (process !== undefined)
        return [...this.boxes.values()].some(({ pid, runs }) => runs && `${pid}` === process) ? STAT : null
      if (path.startsWith('/dev/')) return this.active ? { ...STAT, kind: 'block', rdev: 64768 } : null
      return STAT
    },
    list: async () => ok([]),
    makeDirectory: async () => ok(undefined),
    remove: async () => ok(undefined),
    chmod: async () => ok(undefined),
    chown: async () => ok(undefined),
    realpath: async (path) => ok(path),
    truncate: async () => ok(undefined),
    watch: () => () => undefined,
  }

  private read(path: string): Result<string> {
    if (path === '/proc/misc') return ok('236 device-mapper\n')
    if (path === '/proc/self/mountinfo')
      return ok(this.mounted ? '36 25 253:0 / /srv/db1/data rw - xfs /dev/mapper/db1-data rw\n' : '')
    return fail('UNKNOWN', `${path} is not there`)
  }

  private lasts([program, verb]: readonly string[]): number {
    return program === 'docker' && (verb === 'run' || verb === 'stop')
      ? this.paces.runMs
      : this.paces.processMs
  }

  private passes(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.after(ms, resolve))
  }

  private boxOf = (key: string): Box | null =>
    [...this.boxes.values()].find(({ id, name }) => id === key || name === key) ?? null

  private holder = (): Box | null => this.boxOf('db1.container.0')

  private does(argv: readonly string[]): readonly [number, string] {
    if (argv[0] === 'nsenter' && this.holder()?.runs !== true) return [1, '']
    const words = argv[0] === 'nsenter' ? argv.slice(2) : argv
    const has = (...wanted: readonly string[]): boolean => wanted.every((word) => words.includes(word))
    switch (words[0]) {
      case 'lvs':
        return [0, this.lvs()]
      case 'vgchange':
      case 'lvchange':
        this.changes(words)
        return [0, '']
      case 'wipefs':
        return [0, '{"signatures":[{"type":"xfs","uuid":null}]}']
      case 'mount':
        this.mounted = true
        return [0, '']
      case 'umount':
        this.mounted = false
        return [0, '']
      case 'docker':
        return this.docker(words)
      case 'ip':
        if (has('-batch')) return [0, this.network(argv[0] === 'nsenter')]
        this.links(words, has)
        return [0, '']
      default:
        return [0, '']
    }
  }

  private lvs(): string {
    const row = {
      vg_name: 'db1',
      vg_tags: [...this.tags].join(','),
      vg_autoactivation: '',
      vg_missing_pv_count: '0',
      lv_name: 'data',
      lv_active: this.active ? 'active' : '',
      lv_skip_activation: '',
    }
    return JSON.stringify({ report: [{ lv: [row] }] })
  }

  private changes(words: readonly string[]): void {
    for (const [n, word] of words.entries()) {
      const next = (words[n + 1] ?? '').replace(/^@/, '')
      if (word === '-a') this.active = next === 'y'
      if (word === '--addtag') this.tags.add(next)
      if (word === '--deltag') this.tags.delete(next)
    }
  }

  private links(words: readonly string[], has: (...words: readonly string[]) => boolean): void {
    if (has('netns', 'alias'))
      this.inside = { name: 'eth0', alias: words.at(-1) ?? '', address: false, up: false }
    if (has('link', 'del')) this.inside = null
    if (has('route')) this.routed = true
    if (this.inside === null) return
    if (has('addr')) this.inside.address = has('add')
    if (has('link', 'set', 'up')) this.inside.up = true
  }

  private network(within: boolean): string {
    const link = (name: string, more: object) => ({
      ifname: name,
      mtu: 1500,
      flags: ['UP', 'LOWER_UP'],
      address: '',
      ...more,
    })
    const { inside } = this
    const own = { addr_info: [{ family: 'inet', local: '192.168.100.2', prefixlen: 24, scope: 'global' }] }
    const ours = {
      addr_info: inside?.address === true ? [{ family: 'inet', local: '192.168.100.14', prefixlen: 24 }] : [],
    }
    const links = !within
      ? [link('bond0', own)]
      : inside === null
        ? []
        : [link(inside.name, { ...ours, ifalias: inside.alias })]
    const routes = within && this.routed ? [{ dst: 'default', gateway: '192.168.100.1', dev: 'eth0' }] : []
    return [links, links, routes].map((one) => JSON.stringify(one)).join('\n')
  }

  private docker(words: readonly string[]): readonly [number, string] {
    const key = words.at(-1) ?? ''
    if (words[1] === 'run') {
      const valueOf = (option: string): readonly string[] =>
        words.flatMap((word) => (word.startsWith(`--${option}=`) ? [word.slice(option.length + 3)] : []))
      const name = valueOf('name')[0] ?? ''
      const labels = Object.fromEntries(valueOf('label').map((one) => one.split('=') as [string, string]))
      const [, shared] = (valueOf('net')[0] ?? '').split('container:')
      const network = shared === undefined ? 'none' : `container:${this.boxOf(shared)?.id}`
      const startedAt = new Date(this.clock.wallMs()).toISOString()
      this.pids += 1
      this.boxes.set(name, {
        name,
        id: `id-${name}-${this.pids}`,
        pid: this.pids,
        image: key,
        imageId: this.imageId,
        network,
        labels,
        startedAt,
        runs: true,
      })
    }
    if (words[1] === 'pull') this.missing.delete(key)
    const box = this.boxOf(key)
    if (words[1] === 'stop' && box !== null) box.runs = false
    if (words[1] === 'rm' && box !== null) this.boxes.delete(box.name)
    return [0, '']
  }
}

const answer = (argv: readonly string[], exit: number, stdout: string): ExecResult => ({
  argv,
  outcome: 'exited',
  exit,
  stdout,
  stderr: '',
  durationMs: 0,
})

/** What tells a question or a command from the others. */
function named(argv: readonly string[]): string {
  const inside = argv[0] === 'nsenter'
  const words = (inside ? argv.slice(2) : argv).filter(
    (word) => !/^(longshore|@node|--(dele|add)tag)/.test(word),
  )
  const [program = '', ...rest] = words
  const batch = rest.includes('-batch') ? 'ask' : null
  const verbs = ['lvs', 'stat', 'wipefs', 'mount', 'umount', 'arping'].includes(program)
    ? []
    : [batch ?? rest.slice(0, 2).join(' ')]
  return [...(inside ? ['inside:'] : []), program, ...verbs].join(' ')
}

const told = ({ name, id, pid, image, imageId, network, labels, startedAt, runs }: Box) => ({
  Id: id,
  Name: `/${name}`,
  Image: imageId,
  State: {
    Status: runs ? 'running' : 'exited',
    Pid: runs ? pid : 0,
    ExitCode: 0,
    Error: '',
    StartedAt: startedAt,
  },
  HostConfig: {
    NetworkMode: network,
    PidMode: '',
    IpcMode: 'private',
    UTSMode: '',
    UsernsMode: '',
    AutoRemove: false,
    Privileged: false,
    ReadonlyRootfs: false,
  },
  Config: {
    Image: image,
    Labels: labels,
    Hostname: '',
    User: '',
    Tty: false,
    OpenStdin: false,
    Entrypoint: null,
  },
  NetworkSettings: { SandboxKey: network === 'none' ? `/var/run/docker/netns/${pid}` : '' },
})
