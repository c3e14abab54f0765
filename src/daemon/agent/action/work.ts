import type { ResourceProbe } from '../../../core/event.js'
import { fail, ok, type Failure, type Result } from '../../../core/result.js'
import type { Resource } from '../../../core/service.js'
import type { AnyDriver, Context, Step } from '../../../resources/driver.js'
import { resourceEnvironment } from '../../../resources/kit/environment.js'
import { Look } from '../../../resources/look.js'
import { dueAhead, foresee, type Foreseen } from './foresight.js'
import type { ActionOptions } from './options.js'
import { logFailure, type Level, type LogLine } from './run-command.js'
import type { StepsFrame } from './run-steps.js'
import { passedOver, phasesOf, phaseSteps, type Phase } from './phases.js'
import type { Sight } from './sight.js'
import { contextOf, Limits, shownOf, view, type View } from './view.js'

/** One run of an action: what it was asked, what it found, and what it has to undo. */
export interface Work {
  readonly options: ActionOptions
  readonly signal: AbortSignal
  /** Monotonic milliseconds at which the action as a whole ends; infinite where only its resources have limits. */
  readonly endsMs: number
  /** Newest look, by rid. */
  readonly probes: Map<string, ResourceProbe>
  /** Resources that this action has begun to start, in that order. */
  readonly touched: Resource[]
  /** What was begun beside the resources before, by rid. */
  readonly early: Map<string, Promise<Result<void>>>
  /** Rids of resources whose turn has come. */
  readonly begun: Set<string>
  /** What is being removed ahead of a resource's turn, by rid. */
  readonly cleared: Map<string, Promise<void>>
  /** May steps be refused? Not while undoing. */
  readonly guarded: boolean
  readonly sight: Sight
  /** Looks that were begun beside what comes before the resource's turn, by rid. */
  readonly foreseen: Map<string, Foreseen>
  /** What can be looked at before its turn, and has not had it yet, in the order of the turns. */
  readonly ahead: Resource[]
  /** Begun once the next command is under way: what would only keep it waiting. */
  readonly afterwards: (() => void)[]
  /** What a stop still removes once everything exclusive is released; null where nothing waits for that. */
  readonly leftovers: Leftovers[] | null
  /** Results that are still being looked at, beside what follows. */
  readonly unshown: Promise<Result<void>>[]
}

export interface Leftovers {
  readonly subject: Subject
  readonly steps: readonly Step[]
}

/** One resource within a work. */
export interface Subject {
  readonly work: Work
  readonly resource: Resource
  readonly driver: AnyDriver
  readonly ctx: Context
  readonly log: LogLine
}

/** A resource with its driver and context; an error where this node has no such driver. */
export function subjectOf(work: Work, resource: Resource): Result<Subject> {
  const { node, service, generation, on, withinMs } = work.options
  const driver = node.registry.find(resource)
  if (driver === null)
    return fail('UNKNOWN', `there is no driver ${resource.group}.${resource.type} on this node`)
  const common = contextOf(node, service, resource, generation)
  const ctx = withinMs === undefined ? common : { ...common, withinMs }
  const log = (level: Level, message: string): void => on.log({ rid: resource.rid, level, message })
  return ok({ work, resource, driver, ctx, log })
}

/** What is to be seen of a resource whose turn it is: what was seen since anything last changed is not asked again. */
export async function firstLook(subject: Subject, phase: Phase): Promise<View> {
  const { work, resource } = subject
  const { sight } = work
  const ahead = await (sight.seenAhead(resource.rid) ?? stillForeseen(subject, phase))
  if (ahead !== undefined) return told(subject, ahead)
  const look = sight.look ?? freshLook(subject)
  sight.opening ??= { look, atMs: subject.ctx.io.clock.nowMs() }
  return told(subject, await see(subject, look))
}

/**
 * What was foreseen and serves a phase. That a container or a program was gone a while ago does not: its engine may only now have come to a start that was
 * given up, and a stop tells another node that it may start.
 */
async function stillForeseen(subject: Subject, phase: Phase): Promise<View | undefined> {
  const { work, resource } = subject
  const { clock } = work.options.node.io
  const foreseen = work.foreseen.get(resource.rid)
  if (foreseen?.counts(clock.nowMs()) !== true) return undefined
  const seen = await foreseen.view
  if (!foreseen.isFresh(clock.nowMs())) return stands(subject, phase, seen) ? seen : undefined
  const mayComeLate = resource.exclusive && (resource.group === 'container' || resource.group === 'app')
  return phase === 'stop' && mayComeLate && seen.probe.released ? undefined : seen
}

/**
 * May a look that is not fresh serve a phase? It may say what is to be done: behind those commands there is a look anyway. That nothing is held or to be
 * done, that something is in the way, which processes there are, or that a volume group is whole, only a fresh one says.
 */
function stands(subject: Subject, phase: Phase, { seen, probe }: View): boolean {
  const { group, type } = subject.resource
  if (!seen.ok || group === 'app' || (phase === 'stop' && (probe.released || type === 'vg'))) return false
  const steps = stepsOf(subject, phase, seen.value)
  return steps.length > 0 && !steps.some((step) => step.kind === 'do' && step.refuses === true)
}

/** What was looked at before its turn and not long ago; undefined where there is no such look. */
export function freshlyForeseen(work: Work, { rid }: Resource): Promise<View> | undefined {
  const ahead = work.foreseen.get(rid)
  return ahead?.isFresh(work.options.node.io.clock.nowMs()) === true ? ahead.view : undefined
}

/**
 * The look after a resource's steps; the resource that comes next is looked at beside it, and so is what was looked at ahead of its turn, where that
 * holds no more: a command may have taken long.
 */
export async function lookAfter(subject: Subject, before: View): Promise<View> {
  const { sight, options } = subject.work
  const look = freshLook(subject)
  sight.renew(look)
  const next = options.service.resources.filter(({ rid }) => sight.next.includes(rid))
  const seeing = see(subject, look, before)
  // Behind a command of the operator nothing will hold.
  if (subject.resource.triggers.every(({ when }) => when === 'pre')) lookFurther(subject.work, look)
  for (const resource of next) {
    const following = subjectOf(subject.work, resource)
    if (following.ok) sight.lookAhead(resource.rid, see(following.value, look))
  }
  return told(subject, await seeing)
}

/** What has nothing to do in its turn is waited for by nobody here: only the report in the end needs it. */
function lookFurther(work: Work, look: Look): void {
  const { options, ahead, foreseen } = work
  const { service, node, generation } = options
  const atMs = node.io.clock.nowMs()
  const served = (resource: Resource): boolean => isServed(work, resource, atMs)
  const due = dueAhead(service, ahead, served).filter((resource) => phasesAhead(work, resource).length > 0)
  for (const [rid, one] of foresee(node, service, due, generation, { look, atMs })) foreseen.set(rid, one)
}

/** The phases of the action in which something may be to do for a resource. */
function phasesAhead({ options }: Work, resource: Resource): readonly Phase[] {
  const { node, action, leader } = options
  const driver = node.registry.find(resource)
  if (driver === null) return []
  const phases = phasesOf(action === 'restart' ? 'start' : action, resource, driver, leader)
  return phases.filter((phase) => passedOver(resource, driver, phase, false) === null)
}

/** Does what was foreseen of a resource serve its turn? */
function isServed(work: Work, resource: Resource, nowMs: number): boolean {
  const foreseen = work.foreseen.get(resource.rid)
  if (foreseen?.counts(nowMs) !== true) return false
  const { seen } = foreseen
  const subject = subjectOf(work, resource)
  if (foreseen.isFresh(nowMs) || seen === null || !subject.ok) return foreseen.isFresh(nowMs)
  return phasesAhead(work, resource).every((phase) => stands(subject.value, phase, seen))
}

/** A fresh look, told to whoever listens. `before`: as in `view`. */
export const lookAgain = async (subject: Subject, before?: View): Promise<View> =>
  told(subject, await see(subject, freshLook(subject), before))

/** One fresh look at all of them. It counts where it was possible: what was seen released before is not held because nothing can be seen now. */
export async function lookOnce(work: Work, subjects: readonly Subject[]): Promise<void> {
  const look = new Look(work.options.node.io)
  const looking = subjects.map(async (subject) => ({ subject, seen: await see(subject, look) }))
  lookFurther(work, look)
  for (const { subject, seen } of await Promise.all(looking)) if (seen.seen.ok) told(subject, seen)
}

const freshLook = ({ ctx }: Subject): Look => new Look(ctx.io)

async function see({ driver, ctx }: Subject, look: Look, before?: View): Promise<View> {
  const limits = new Limits(ctx.io.clock)
  const seen = await view(driver, ctx, look, limits, before)
  limits.end()
  return seen
}

function told({ work, resource }: Subject, seen: View): View {
  const probe = shownOf(resource, seen.probe)
  work.probes.set(resource.rid, probe)
  work.options.on.changed(resource.rid, probe)
  return seen
}

/** The driver's steps for a phase, from what was seen. */
export const stepsOf = ({ work, driver, ctx }: Subject, phase: Phase, seen: unknown): readonly Step[] =>
  phaseSteps(driver, ctx, phase, seen, work.options.leader)

/** Bounds, permission and log of a phase's commands. What they change has to be looked at again. */
export function frameOf(subject: Subject, phase: Phase): StepsFrame {
  const { work, resource, driver, ctx, log } = subject
  work.sight.forget()
  const nowMs = ctx.io.clock.nowMs()
  // By force, an address that hangs leaves time for what is behind it.
  const leftMs = (work.endsMs - nowMs) * (resource.group === 'ip' ? 0.5 : 1)
  const limitMs = Math.min(resource.timeouts[phase === 'prepare' ? 'start' : phase], leftMs)
  const takes = phase === 'start' || phase === 'provision'
  return {
    io: ctx.io,
    exec: ctx.io.exec,
    clock: ctx.io.clock,
    signal: work.signal,
    deadlineMs: nowMs + limitMs,
    limitMs,
    mayContinue: takes && resource.exclusive && work.guarded ? work.options.mayContinue : () => null,
    env: resourceEnvironment(ctx, phase),
    tools: driver.tools,
    log,
  }
}

/** Logs what went wrong with a resource, and names it in the failure. */
export function failed(subject: Pick<Subject, 'resource' | 'log'>, error: Failure): Result<never> {
  logFailure(error, 'error', subject.log)
  return { ok: false, error: { ...error, message: `${subject.resource.rid}: ${error.message}` } }
}

/** Nothing that was seen so far holds any more. */
export function forgetSeen({ sight, foreseen }: Work): void {
  sight.forget()
  sight.opening = null
  foreseen.clear()
}

/** What only had to wait for a command to be under way. */
export function beginAfterwards({ afterwards }: Work): void {
  for (const begin of afterwards.splice(0)) begin()
}
