import type { ActionOutcome } from '../../src/core/event.js'
import type { ActIntent } from '../../src/core/intent.js'
import { hasLease, isLapsed } from '../../src/core/lease.js'
import type { Service } from '../../src/core/service.js'
import { ownInstance } from '../../src/core/view.js'
import type { Buggify } from './buggify.js'
import type { Chance } from './chance.js'
import { lookAt, type Daemon, type Machine } from './machine.js'

/**
 * `start`: what was begun is rolled back; `rollback`: it stays half up; `stop`: nothing comes down, even by force; `slow`: seconds, not a tenth
 * of one; `hang`: much longer, unless it is ended by force; `late`: a start takes its first step seconds after it is begun; `warn`: nothing fails, and
 * its resource shows `warn`.
 */
export type Ailment = 'start' | 'rollback' | 'stop' | 'slow' | 'hang' | 'late' | 'warn'

const beginMs = 20
/** Waits that nobody promised to be short: for the guard, for a hook, for a disk. */
const latestMs = { step: 6000, word: 1000, end: 10_000 }
const shortMs = 100
const longMs = 4000
const hangMs = 25_000
/** A command that is killed, with all of its children, is gone after this. */
const killMs = 50
/** What is stopped by force is down within `stop_max`, less what the daemon needs to notice and to end what was running. */
const forcedMs = { shortest: 50, longest: 1500, less: 500 }

interface Job {
  readonly machine: Machine
  readonly daemon: Daemon
  readonly service: Service
  readonly intent: ActIntent
  readonly id: string
}

export interface WorkPorts {
  readonly chance: Chance
  readonly buggify: Buggify
  readonly ailments: ReadonlyMap<string, Ailment>
  /** Something became active; `goesOn`: it was before, or is restarted in place. */
  readonly activated: (service: string, machine: string, goesOn: boolean) => void
  /** Stops by force wait like any other: a defect that is to be caught. */
  readonly gentle: boolean
  /** Just before an exclusive step nothing is looked at: another one. */
  readonly unasked: boolean
}

/** Actions on remembered resources: they take time, fail as told, and end with their daemon. */
export class Work {
  constructor(private readonly o: WorkPorts) {}

  act(job: Job): void {
    const ailment = this.o.ailments.get(`${job.service.name}@${job.machine.name}`)
    const lastsMs = ailment === 'slow' ? longMs : ailment === 'hang' ? hangMs : shortMs
    const { action, leader } = job.intent
    if (action === 'prepare' || (action === 'provision' && !leader)) return this.endLater(job, beginMs, null)
    job.daemon.ends.set(job.id, () => this.cutShort(job))
    if (action === 'stop' || action === 'unprovision') return this.bringDown(job, lastsMs, ailment)
    this.bringUp(job, lastsMs, ailment)
  }

  /** Its commands are killed. What a start had begun is rolled back, where there is time for that. */
  private cutShort(job: Job): void {
    const { machine, daemon, service, intent } = job
    daemon.aborted.add(job.id)
    job.machine.clock.after(killMs, () => {
      if (machine.daemon !== daemon || !daemon.ends.has(job.id)) return
      const starts = intent.action !== 'stop' && intent.action !== 'unprovision'
      if (starts && machine.active.has(service.name)) {
        if (isLapsed(daemon.agent.world)) machine.half.add(service.name)
        else machine.active.delete(service.name)
      }
      this.end(job, 'the action was aborted')
    })
  }

  private bringUp(job: Job, lastsMs: number, ailment: Ailment | undefined): void {
    const { machine, service } = job
    // A restart goes on with what has begun before.
    const goesOn = machine.active.has(service.name) || job.intent.restart
    if (job.intent.action === 'restart') machine.active.delete(service.name)
    const lateMs =
      ailment === 'late'
        ? longMs
        : this.o.buggify.lateMs('a start is slow to take its first step', latestMs.step)
    this.later(job, beginMs + lateMs, () => {
      const lost = this.noLonger(job)
      if (lost !== null) return this.end(job, lost)
      machine.active.add(service.name)
      this.o.activated(service.name, machine.name, goesOn)
      this.later(job, lastsMs, () => {
        const failure =
          this.noLonger(job) ?? (ailment === 'start' || ailment === 'rollback' ? 'it will not start' : null)
        if (failure !== null && ailment === 'rollback') machine.half.add(service.name)
        else if (failure !== null) machine.active.delete(service.name)
        else machine.half.delete(service.name)
        this.end(job, failure)
      })
    })
  }

  private bringDown(job: Job, lastsMs: number, ailment: Ailment | undefined): void {
    this.later(job, this.stopMs(job, lastsMs), () => {
      if (ailment === 'stop') return this.end(job, 'it will not stop')
      job.machine.active.delete(job.service.name)
      job.machine.half.delete(job.service.name)
      // What holds nothing takes its time: another node may start meanwhile.
      const { buggify } = this.o
      this.later(job, buggify.lateMs('what is released is slow to be told', latestMs.word), () => {
        if (job.intent.action === 'stop')
          job.daemon.agent.put({ kind: 'released', service: job.service.name, id: job.id })
        const lateMs = buggify.lateMs('a stop that holds nothing is slow to end', latestMs.end)
        this.endLater(job, lastsMs + lateMs, null)
      })
    })
  }

  private stopMs({ intent }: Job, lastsMs: number): number {
    if (intent.forced !== true || this.o.gentle) return lastsMs
    const { shortest, longest, less } = forcedMs
    return this.o.chance.between(shortest, Math.min(longest, (intent.withinMs ?? Infinity) - less))
  }

  private endLater(job: Job, ms: number, failure: string | null): void {
    this.later(job, ms, () => this.end(job, failure))
  }

  private end({ machine, daemon, service, id }: Job, failure: string | null): void {
    daemon.ends.delete(id)
    const aborted = daemon.aborted.has(id)
    const outcome: ActionOutcome = { ok: failure === null, failure, aborted, probe: lookAt(machine, service) }
    daemon.agent.put({ kind: 'action ended', service: service.name, id, outcome })
  }

  /** Nothing goes on without the daemon that began it, nor after it was cut short. */
  private later(job: Job, ms: number, next: () => void): void {
    const { machine, daemon, id } = job
    machine.clock.after(ms, () => {
      if (machine.daemon === daemon && !daemon.aborted.has(id)) next()
    })
  }

  /** Just before an exclusive step: may it still be taken? */
  private noLonger({ daemon, service, id }: Job): string | null {
    const { world } = daemon.agent
    if (daemon.aborted.has(id)) return 'the action was aborted'
    if (this.o.unasked) return null
    if (ownInstance(world, service.name)?.place.kind !== 'held') return 'this node does not hold the service'
    return hasLease(world, daemon.clock.nowMs()) ? null : 'the lease is over'
  }
}
