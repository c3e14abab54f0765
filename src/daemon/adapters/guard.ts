import { existsSync } from 'node:fs'
import type {
  Cancel,
  Clock,
  Exec,
  Files,
  Guard,
  GuardEvent,
  GuardMemory,
  GuardTerms,
  Severing,
} from '../ports.js'
import { fromGuard, toGuard } from './guard-clock.js'
import { guardLink, type GuardLink } from './guard-link.js'

/** A guard that does not answer within this time at the start of the daemon is not waited for. */
const statusMs = 1000
/** A guard that was begun listens within this time. */
const beginMs = 1000
const beginPollMs = 10
/** A guard that cannot be begun is tried again this often. */
const againMs = 1000
/** One that was lost is looked for after this long: it may die of what it is told. */
const lostMs = 50

export interface GuardPorts {
  readonly clock: Clock
  readonly exec: Exec
  readonly files: Files
  readonly runDir: string
  /** The compiled guard. */
  readonly program: string
  /** What resets the machine when `b` is written to it: handed to the guard only where `self_fence` is `reboot`. The watchdog likewise. */
  readonly resetPath: string
}

interface Hold {
  /** Null: as an earlier daemon wrote it. */
  readonly how: readonly Severing[] | null
  /** The guard has confirmed it. */
  sure: boolean
  /** The guard has ended it: it is not asked to end it again before it was released. */
  severed: boolean
}

/** The guard of this node; null where the program was not compiled. What an earlier daemon left is asked for first. */
export async function systemGuard(ports: GuardPorts): Promise<Guard | null> {
  if (!existsSync(ports.program)) return null
  const guard = new SystemGuard(ports)
  await guard.remember()
  return guard
}

class SystemGuard implements Guard {
  memory: GuardMemory | null = null
  refusal: string | null = null
  failure: string | null = null
  lacks: readonly string[] = []
  private link: GuardLink | null = null
  private linking = false
  private terms: GuardTerms | null = null
  private endsMs = -Infinity
  private readonly kept = new Map<string, Hold>()
  private readonly waiting = new Set<() => void>()
  private listener: (event: GuardEvent) => void = () => undefined
  private retry: Cancel | null = null
  /** What resets the machine that the guard that runs was handed, as its status names it. */
  private means = '-'
  /** By the newest status of any guard. */
  private knows: GuardMemory | null = null

  constructor(private readonly o: GuardPorts) {}

  async remember(): Promise<void> {
    await this.connect()
    if (this.link === null) return
    this.link.send('status')
    await this.waitFor(() => this.knows !== null, statusMs)
    this.memory = this.knows
    for (const service of this.memory?.held ?? [])
      this.kept.set(service, { how: null, sure: true, severed: false })
  }

  watch(terms: GuardTerms): void {
    if (JSON.stringify(this.terms) === JSON.stringify(terms)) return
    this.terms = terms
    this.refusal = null
    this.tellTerms()
    // What resets the machine is handed to a guard when it begins.
    if (this.means !== meansOf(terms)) this.link?.send(isWatchdog(this.means) ? 'leave disarmed' : 'leave')
    void this.ensure()
  }

  extend(leaseEndsMs: number): void {
    if (!Number.isFinite(leaseEndsMs) || leaseEndsMs <= this.endsMs) return
    this.endsMs = leaseEndsMs
    this.tellEnd()
  }

  hold(service: string, how: readonly Severing[]): void {
    const known = this.kept.get(service)
    const hold = { how, sure: false, severed: known?.severed ?? false }
    this.kept.set(service, hold)
    if (this.link !== null) void this.tellHold(service, hold)
  }

  release(service: string): void {
    this.kept.delete(service)
    this.link?.send(`release ${service}`)
    void this.o.files.remove(this.fileOf(service))
  }

  holds(service: string): boolean {
    return this.kept.get(service)?.sure === true
  }

  held(service: string, timeoutMs: number): Promise<boolean> {
    return this.waitFor(() => this.holds(service), timeoutMs)
  }

  dismiss(): void {
    this.terms = null
    this.retry?.()
    for (const service of this.kept.keys()) this.release(service)
    this.link?.send('leave')
  }

  onEvent(listener: (event: GuardEvent) => void): void {
    this.listener = listener
  }

  /** Connects to the guard, and begins one where there is none. */
  private async ensure(): Promise<void> {
    if (this.linking || this.link !== null || this.terms === null) return
    this.linking = true
    this.retry?.()
    await this.connect()
    if (this.link === null) await this.begin()
    this.linking = false
    if (this.link !== null) return this.tellAll()
    const first = this.failure === null
    this.failure = `the guard ${this.o.program} does not begin: see ${this.o.runDir}/guard.log`
    if (first) this.trouble(this.failure)
    this.ensureIn(againMs)
  }

  private ensureIn(ms: number): void {
    this.retry?.()
    this.retry = this.o.clock.at(this.o.clock.nowMs() + ms, () => void this.ensure())
  }

  private async begin(): Promise<void> {
    const { exec, clock, runDir, program } = this.o
    this.means = this.terms === null ? '-' : meansOf(this.terms)
    const begun = await exec.detach([program, '--dir', runDir, ...this.handed()], { cwd: '/' })
    if (!begun.ok) return this.trouble(begun.error.message)
    const untilMs = clock.nowMs() + beginMs
    while (this.link === null && clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => void clock.at(clock.nowMs() + beginPollMs, resolve))
      await this.connect()
    }
  }

  private handed(): readonly string[] {
    switch (this.terms?.selfFence ?? 'stop') {
      case 'stop':
        return []
      case 'reboot':
        return ['--reset', this.o.resetPath]
      case 'watchdog':
        return this.terms?.watchdog == null ? [] : ['--watchdog', this.terms.watchdog.device]
    }
  }

  private async connect(): Promise<void> {
    const link = await guardLink(`${this.o.runDir}/guard.sock`, {
      onLine: (line) => this.heard(line),
      onDown: () => this.lost(link),
    })
    this.link = link
  }

  private lost(link: GuardLink | null): void {
    if (link === null || this.link !== link) return
    this.link = null
    this.lacks = []
    for (const hold of this.kept.values()) hold.sure = false
    this.ensureIn(lostMs)
  }

  private heard(line: string): void {
    const [word = '', first = '', second = '', ...others] = line.split(' ')
    const hold = this.kept.get(first)
    if (word === 'status') {
      this.means = second
      this.knows = { leaseEndsMs: fromGuard(this.o.clock, Number(first)), held: others }
    } else if (word === 'lacks') {
      this.lacks = [...this.lacks, [first, second, ...others].join(' ')]
    } else if (word === 'held' && hold !== undefined) {
      hold.sure = true
      this.refusal = null
    } else if (word === 'severed') {
      if (hold !== undefined) hold.severed = true
      this.listener({ kind: 'severed', service: first })
    } else if (word === 'refused') {
      this.refusal = [second, ...others].join(' ')
      this.trouble(`the guard does not take ${first}: ${this.refusal}`)
    }
    for (const look of this.waiting) look()
  }

  /** What a guard has to know that has just begun, or that another daemon told before. The end of the lease comes before what it ends. */
  private async tellAll(): Promise<void> {
    this.failure = null
    this.link?.send('status')
    this.tellTerms()
    this.tellEnd()
    for (const [service, hold] of this.kept) await this.tellHold(service, hold)
  }

  private tellTerms(): void {
    if (this.terms === null) return
    this.link?.send(`stop-max ${this.terms.stopMaxMs}`)
    const { watchdog } = this.terms
    if (watchdog !== null) {
      this.link?.send(`watchdog-period ${watchdog.periodMs}`)
      this.link?.send(`watchdog-grace ${watchdog.graceMs}`)
    }
    this.link?.send(`self-fence ${this.terms.selfFence}`)
  }

  private tellEnd(): void {
    if (Number.isFinite(this.endsMs)) this.link?.send(`lease ${toGuard(this.o.clock, this.endsMs)}`)
  }

  private async tellHold(service: string, hold: Hold): Promise<void> {
    if (hold.severed) return
    const { files, runDir } = this.o
    if (hold.how !== null) {
      const text = hold.how.map((words) => `${words.join('\0')}\0\0`).join('')
      const made = await files.makeDirectory(`${runDir}/guard`, 0o700)
      const written = made.ok ? await files.write(this.fileOf(service), text, 0o600) : made
      if (!written.ok) return this.trouble(written.error.message)
    }
    if (this.kept.get(service) === hold) this.link?.send(`hold ${service}`)
  }

  private readonly fileOf = (service: string): string => `${this.o.runDir}/guard/${service}`

  private trouble(message: string): void {
    this.listener({ kind: 'trouble', message })
  }

  private waitFor(ask: () => boolean, timeoutMs: number): Promise<boolean> {
    if (ask()) return Promise.resolve(true)
    return new Promise((resolve) => {
      const end = (): void => {
        this.waiting.delete(look)
        cancel()
        resolve(ask())
      }
      const look = (): void => (ask() ? end() : undefined)
      const cancel = this.o.clock.at(this.o.clock.nowMs() + timeoutMs, end)
      this.waiting.add(look)
    })
  }
}

/** The next guard feeds another one, or none: nobody would be in time for this one. */
const isWatchdog = (means: string): boolean => means.startsWith('watchdog:')

/** As a guard's status names it. */
const meansOf = ({ selfFence, watchdog }: GuardTerms): string =>
  selfFence === 'reboot' ? 'reset' : watchdog === null ? '-' : `watchdog:${watchdog.device}`
