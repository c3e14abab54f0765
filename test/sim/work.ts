import type { ActionOutcome } from '../../src/core/event.js'
import type { ActIntent } from '../../src/core/intent.js'
import type { Service } from '../../src/core/service.js'
import { ownInstance } from '../../src/core/view.js'
import { lookAt, type Daemon, type Machine } from './machine.js'
import type { VirtualClock } from './virtual-clock.js'

/** `start`: what was begun is rolled back; `rollback`: it stays half up; `stop`: nothing comes down; `slow`: seconds, not a tenth of one. */
export type Ailment = 'start' | 'rollback' | 'stop' | 'slow'

const beginMs = 20
const shortMs = 100
const longMs = 4000

interface Job {
  readonly machine: Machine
  readonly daemon: Daemon
  readonly service: Service
  readonly intent: ActIntent
  readonly id: string
}

/** Actions on remembered resources: they take time, fail as told, and end with their daemon. */
export class Work {
  constructor(
    private readonly clock: VirtualClock,
    private readonly ailments: ReadonlyMap<string, Ailment>,
    private readonly activated: (service: string, machine: string) => void,
  ) {}

  act(job: Job): void {
    const ailment = this.ailments.get(`${job.service.name}@${job.machine.name}`)
    const lastsMs = ailment === 'slow' ? longMs : shortMs
    const { action, leader } = job.intent
    if (action === 'prepare' || (action === 'provision' && !leader)) return this.endLater(job, beginMs, null)
    if (action === 'stop' || action === 'unprovision') return this.bringDown(job, lastsMs, ailment)
    this.bringUp(job, lastsMs, ailment)
  }

  private bringUp(job: Job, lastsMs: number, ailment: Ailment | undefined): void {
    const { machine, service } = job
    // A restart goes on with what has begun before.
    const goesOn = machine.active.has(service.name) || job.intent.restart
    if (job.intent.action === 'restart') machine.active.delete(service.name)
    this.later(job, beginMs, () => {
      const lost = noLonger(job)
      if (lost !== null) return this.end(job, lost)
      machine.active.add(service.name)
      if (!goesOn) this.activated(service.name, machine.name)
      this.later(job, lastsMs, () => {
        const failure =
          noLonger(job) ?? (ailment === 'start' || ailment === 'rollback' ? 'it will not start' : null)
        if (failure !== null && ailment === 'rollback') machine.half.add(service.name)
        else if (failure !== null) machine.active.delete(service.name)
        else machine.half.delete(service.name)
        this.end(job, failure)
      })
    })
  }

  private bringDown(job: Job, lastsMs: number, ailment: Ailment | undefined): void {
    this.later(job, lastsMs, () => {
      if (ailment === 'stop') return this.end(job, 'it will not stop')
      job.machine.active.delete(job.service.name)
      job.machine.half.delete(job.service.name)
      // What holds nothing takes its time: another node may start meanwhile.
      if (job.intent.action === 'stop')
        job.daemon.agent.put({ kind: 'released', service: job.service.name, id: job.id })
      this.endLater(job, lastsMs, null)
    })
  }

  private endLater(job: Job, ms: number, failure: string | null): void {
    this.later(job, ms, () => this.end(job, failure))
  }

  private end({ machine, daemon, service, id }: Job, failure: string | null): void {
    const aborted = daemon.aborted.has(id)
    const outcome: ActionOutcome = { ok: failure === null, failure, aborted, probe: lookAt(machine, service) }
    daemon.agent.put({ kind: 'action ended', service: service.name, id, outcome })
  }

  /** Nothing goes on without the daemon that began it. */
  private later(job: Job, ms: number, next: () => void): void {
    this.clock.after(ms, () => {
      if (job.machine.daemon === job.daemon) next()
    })
  }
}

/** Just before an exclusive step: may it still be taken? */
function noLonger({ daemon, service, id }: Job): string | null {
  if (daemon.aborted.has(id)) return 'the action was aborted'
  const place = ownInstance(daemon.agent.world, service.name)?.place
  return place?.kind === 'held' ? null : 'this node does not hold the service'
}
