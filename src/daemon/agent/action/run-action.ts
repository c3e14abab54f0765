import { ok, type Failure, type Result } from '../../../core/result.js'
import { livesIn, plan, type PlannedAction, type Stage } from '../../../core/plan.js'
import { words } from '../../../core/selection.js'
import type { Resource } from '../../../core/service.js'
import { clearAhead } from './clearing.js'
import { beginEarly } from './early.js'
import { foresee, foreseeable, type Foresight } from './foresight.js'
import { missingFeature } from './obstacles.js'
import { daemonEnds, type ActionOptions, type ActionResult } from './options.js'
import { phasesOf } from './phases.js'
import { allResources, report } from './report.js'
import { runPhase } from './run-phase.js'
import { runSteps } from './run-steps.js'
import { Sight } from './sight.js'
import { undo, undoAll, undoAlone, undoing } from './undo.js'
import { beginAfterwards, failed, frameOf, lookOnce, subjectOf, type Work } from './work.js'

/**
 * Carries out an action on this node's instance. Never rejects. A failed start is undone; a stop ends at the first resource that does not
 * stop, and leaves alone what is below it.
 */
export async function runAction(asked: ActionOptions): Promise<ActionResult> {
  const options = makes(asked) ? askingAfresh(asked) : asked
  options.on.log({ rid: null, level: 'info', message: headLine(options) })
  const ending = new AbortController()
  const work: Work = {
    options,
    signal: AbortSignal.any([options.signal, ending.signal]),
    endsMs: options.node.io.clock.nowMs() + (options.withinMs ?? Infinity),
    probes: new Map(),
    touched: [],
    early: new Map(),
    begun: new Set(),
    cleared: new Map(),
    guarded: true,
    sight: new Sight(),
    foreseen: new Map(),
    ahead: [],
    afterwards: [],
    leftovers: asked.action === 'stop' || asked.action === 'restart' ? [] : null,
    unshown: [],
  }
  const failure = await passes(work)
  ending.abort()
  if (failure !== null) work.foreseen.clear()
  await Promise.all([...work.early.values(), ...work.cleared.values()])
  const rollback = failure === null ? await park(work) : await rollBack(work)
  if (failure !== null)
    options.on.log({ rid: null, level: 'error', message: `${options.action} failed: ${failure.message}` })
  return { failure, rollback, resources: await report(work, failure) }
}

const makes = ({ action }: ActionOptions): boolean => action === 'provision' || action === 'unprovision'

/** What is made or unmade is looked at as it is now, and nothing that was known before holds behind it. */
function askingAfresh(options: ActionOptions): ActionOptions {
  const { known, ...io } = options.node.io
  known?.forget()
  return { ...options, node: { ...options.node, io } }
}

/** `do stop --local --rid fs#1 (user origin)`; behind a start its number, `, generation 4`, behind a stop by force what that means. */
function headLine({ action, selection, origin, generation, forced }: ActionOptions): string {
  const starts = action === 'start' || action === 'restart'
  const number = starts && generation !== null ? `, generation ${generation}` : ''
  const force = forced === true ? ', by force: addresses first' : ''
  const line = ['do', action, '--local', words(selection), `(${origin} origin)`]
  return `${line.filter((word) => word !== '').join(' ')}${number}${force}`
}

/** One pass over the resources, or two for a restart. */
async function passes(work: Work): Promise<Failure | null> {
  const { action } = work.options
  const actions: readonly PlannedAction[] = action === 'restart' ? ['stop', 'start'] : [action]
  for (const one of actions) {
    const passed = await pass(work, one)
    if (!passed.ok) return passed.error
  }
  return null
}

async function pass(work: Work, action: PlannedAction): Promise<Result<void>> {
  const { service, selection, node, forced } = work.options
  const planned = plan(service, action, selection, forced)
  if (!planned.ok) return planned
  const stages = planned.value.map((stage) => stage.filter((resource) => resource.group !== 'sync'))
  const resources = stages.flat()
  if (action !== 'stop' && action !== 'unprovision') {
    const missing = await missingFeature(service, resources, node)
    if (missing !== null) return { ok: false, error: missing }
  }
  const starts = action === 'start' || (action === 'provision' && work.options.leader)
  // Only addresses have something early: whether they are free.
  if (starts) beginEarly(work, resources)
  lookAhead(work, action, stages)
  const ran = await runStages(work, action, stages)
  const shown = await allShown(work)
  // Also behind a resource that did not stop: what was stopped is not left lying about.
  const removed = await removeLeftovers(work)
  await allShown(work)
  return first(first(ran, shown), removed)
}

/**
 * What can be looked at before its turn is looked at beside the first command, which is not kept waiting by it; of a stop, all but what comes first. What is in
 * the way of a start is removed then.
 */
function lookAhead(work: Work, action: PlannedAction, stages: readonly Stage[]): void {
  const { options, foreseen, afterwards, ahead, sight } = work
  const { node, service, generation } = options
  const take = (seen: Foresight): void => seen.forEach((one, rid) => foreseen.set(rid, one))
  foreseen.clear()
  // Before the start of a restart comes its stop.
  if (options.action === action && options.foreseen !== undefined) take(options.foreseen)
  const later = action === 'stop' ? stages.slice(1) : stages
  // What stays up on every node is started by a preparation, disks and what is upon them.
  const builds = action === 'prepare' && later.flat().some(({ standby }) => standby)
  ahead.splice(0, ahead.length, ...later.flat().filter(foreseeable(builds ? 'start' : action)))
  const unseen = ahead.filter(({ rid }) => !foreseen.has(rid))
  // Of a preparation the first command changes what follows: it is looked at behind it.
  const beside = (): Foresight => {
    const { opening } = sight
    sight.opening = null
    return foresee(node, service, unseen, generation, opening ?? undefined)
  }
  sight.opening = null
  if (action !== 'prepare') afterwards.push(() => take(beside()))
  if (action === 'start') afterwards.push(() => clearAhead(work, stages.flat()))
}

async function runStages(work: Work, action: PlannedAction, asked: readonly Stage[]): Promise<Result<void>> {
  let left: Result<void> = ok(undefined)
  // Grows while it is gone through.
  const stages = [...asked]
  for (const [n, stage] of stages.entries()) {
    // Nothing had to be stopped first: there was no command beside which the others were looked at.
    if (action === 'stop' && n > 0) beginAfterwards(work)
    work.sight.next = nextAlone(work, action, stages.slice(n, n + 3))
    left = first(left, await removeLeftovers(work, (resource) => livesIn(resource, stage)))
    const done = await runStage(work, action, stage)
    if (!done.ok && (n >= asked.length || !goesOnWithout(work, stage))) return done
    if (!done.ok) {
      stages.push(stage)
      for (const { rid } of stage) work.foreseen.delete(rid)
    }
    if (action !== 'stop' || !isExclusive(stage) || stages.slice(n + 1).some(isExclusive)) continue
    const shown = await allShown(work)
    if (!shown.ok) return shown
    await handOver(work)
    left = first(left, await removeLeftovers(work))
  }
  return left
}

/** By force: an address that does not go keeps nothing else up, and is tried again behind all of it; its namespace may be gone by then. */
const goesOnWithout = ({ options }: Work, stage: Stage): boolean =>
  options.forced === true && stage.every(({ group }) => group === 'ip')

const first = (before: Result<void>, now: Result<void>): Result<void> => (before.ok ? now : before)

/**
 * What the stopped resources left that holds nothing; of those that are named, or all. One that stays keeps no other. They are looked at together, beside
 * the next command.
 */
async function removeLeftovers(
  work: Work,
  of: (resource: Resource) => boolean = () => true,
): Promise<Result<void>> {
  let result: Result<void> = ok(undefined)
  const due = work.leftovers?.filter(({ subject }) => of(subject.resource)) ?? []
  for (const one of due) {
    work.leftovers?.splice(work.leftovers.indexOf(one), 1)
    const ran = await runSteps(one.steps, frameOf(one.subject, 'stop'))
    if (!ran.ok)
      result = first(result, one.subject.resource.optional ? ok(undefined) : failed(one.subject, ran.error))
  }
  const looking = async (): Promise<Result<void>> => {
    await lookOnce(
      work,
      due.map(({ subject }) => subject),
    )
    return ok(undefined)
  }
  if (due.length > 0) work.afterwards.push(() => work.unshown.push(looking()))
  return result
}

const isExclusive = (stage: Stage): boolean => stage.some(({ exclusive }) => exclusive)

/** Waits for the looks that went on beside later resources; the first result that did not show is the failure. */
async function allShown(work: Work): Promise<Result<void>> {
  beginAfterwards(work)
  const shown = await Promise.all(work.unshown.splice(0))
  return shown.find((result) => !result.ok) ?? ok(undefined)
}

/** Another node may start: all that is left here is what holds nothing. */
async function handOver({ options, probes }: Work): Promise<void> {
  const exclusive = options.service.resources.filter((resource) => resource.exclusive)
  const untouched = ({ disable, tags }: Resource): boolean => disable || tags.includes('noaction')
  const released = exclusive.every((one) => untouched(one) || probes.get(one.rid)?.released === true)
  if (options.action === 'stop' && exclusive.length > 0 && released) await options.on.released?.()
}

/**
 * The resources that can be looked at together with the last one alone: where one follows one, and each has one phase. A volume is often active with its
 * group: with the one goes what is upon the other.
 */
function nextAlone(work: Work, action: PlannedAction, stages: readonly Stage[]): readonly string[] {
  const [acted, ...others] = stages
  if (acted?.length !== 1 || (action !== 'start' && action !== 'stop')) return []
  const end = others.findIndex((stage) => stage.length !== 1)
  const alone = (end === -1 ? others : others.slice(0, end)).flat()
  const reach = acted[0]?.group === 'disk' ? 2 : 1
  return alone.slice(0, reach).flatMap((one) => (work.ahead.includes(one) ? [] : [one.rid]))
}

/** Every resource of a stage runs to its end, whatever becomes of the others; the first failure in order counts. */
async function runStage(work: Work, action: PlannedAction, stage: Stage): Promise<Result<void>> {
  const results = await Promise.all(stage.map((resource) => runResource(work, action, resource)))
  return results.find((result) => !result.ok) ?? ok(undefined)
}

async function runResource(work: Work, action: PlannedAction, resource: Resource): Promise<Result<void>> {
  const { on } = work.options
  work.begun.add(resource.rid)
  on.progress(resource.rid, 'begun')
  const done = await runPhases(work, action, resource)
  on.progress(resource.rid, done.ok ? 'done' : 'failed')
  if (done.ok || !resource.optional || done.error.code === 'ABORTED') return done
  on.log({ rid: resource.rid, level: 'warn', message: `${action} goes on: the resource is optional` })
  if (undoesStarts(work) && takeFromTouched(work, resource)) await undoAlone(work, resource)
  return ok(undefined)
}

async function runPhases(work: Work, action: PlannedAction, resource: Resource): Promise<Result<void>> {
  const subject = subjectOf(work, resource)
  if (!subject.ok) {
    return failed(
      { resource, log: (level, message) => work.options.on.log({ rid: resource.rid, level, message }) },
      subject.error,
    )
  }
  for (const phase of phasesOf(action, resource, subject.value.driver, work.options.leader)) {
    const ran = await runPhase(subject.value, phase)
    if (!ran.ok) return failed(subject.value, ran.error)
  }
  return ok(undefined)
}

const undoesStarts = ({ options }: Work): boolean =>
  options.signal.reason !== daemonEnds && (options.rollback ?? options.service.rollback)

function takeFromTouched(work: Work, resource: Resource): boolean {
  const at = work.touched.indexOf(resource)
  if (at !== -1) work.touched.splice(at, 1)
  return at !== -1
}

/** The resource that failed comes down by its driver's steps, then the others as in a stop. */
async function rollBack(work: Work): Promise<ActionResult['rollback']> {
  const started = work.options.action !== 'stop' && work.options.action !== 'unprovision'
  if (!started || !undoesStarts(work)) return 'none'
  const back = undoing(work)
  const isUp = (resource: Resource): boolean =>
    ['up', 'stdby up', 'n/a'].includes(work.probes.get(resource.rid)?.status ?? 'undef')
  for (const resource of work.touched.filter((one) => !isUp(one)).toReversed()) {
    const undone = await undo(back, resource, true)
    if (!undone.ok) return 'failed'
  }
  const undone = await undoAll(back, work.touched.filter(isUp))
  if (!undone.ok) return 'failed'
  const prepared = await preparedLeft(work)
  if (work.touched.length + prepared.length === 0) return 'none'
  return (await undoAll(back, prepared)).ok ? 'done' : 'failed'
}

/** Where nothing exclusive is left, a namespace that was prepared for this start is not left either. */
async function preparedLeft(work: Work): Promise<readonly Resource[]> {
  const { resources } = work.options.service
  const probes = await allResources(work)
  const isLeft = (resource: Resource): boolean =>
    resource.exclusive && probes[resource.rid]?.released !== true
  if (resources.some(isLeft)) return []
  return resources.filter(
    ({ rid, group, exclusive, standby }) =>
      group !== 'sync' && !exclusive && !standby && probes[rid]?.status === 'up',
  )
}

/** A node that provisioned things of its own for later does not keep them started. */
async function park(work: Work): Promise<ActionResult['rollback']> {
  if (work.options.action !== 'provision' || work.options.leader) return 'none'
  const parked = await undoAll(undoing(work), work.touched)
  return parked.ok ? 'none' : 'failed'
}
