import { ok, type Result } from '../../../core/result.js'
import type { Resource } from '../../../core/service.js'
import { runPhase } from './run-phase.js'
import { runSteps } from './run-steps.js'
import { Sight } from './sight.js'
import {
  failed,
  forgetSeen,
  frameOf,
  lookAgain,
  stepsOf,
  subjectOf,
  type Subject,
  type Work,
} from './work.js'

const UNDO = 'rollback: stop what this action started'

/**
 * The same work with nothing in its way: what is undone is undone although the action was ended, and needs no permission.
 */
export function undoing(work: Work): Work {
  return {
    ...work,
    signal: new AbortController().signal,
    guarded: false,
    sight: new Sight(),
    foreseen: new Map(),
    ahead: [],
    afterwards: [],
    leftovers: null,
    unshown: [],
  }
}

/** Stops what an action has begun to start, the last one first. What is below one that does not stop stays. */
export async function undoAll(work: Work, resources: readonly Resource[]): Promise<Result<void>> {
  const untouchable = (resource: Resource): boolean => resource.standby && !work.options.selection.force
  for (const resource of resources.filter((one) => !untouchable(one)).toReversed()) {
    const undone = await undo(work, resource)
    if (!undone.ok) return undone
  }
  return ok(undefined)
}

/** Stops one resource that the action goes on without. Of what was seen of others some may have been upon it. */
export async function undoAlone(work: Work, resource: Resource): Promise<void> {
  await undo(undoing(work), resource, true)
  forgetSeen(work)
}

/** Stops one resource: with its triggers where it had started, by its driver's steps alone where it came half way. */
export async function undo(work: Work, resource: Resource, half = false): Promise<Result<void>> {
  const subject = subjectOf(work, resource)
  if (!subject.ok) return subject
  const undone = half ? await undoHalf(subject.value) : await undoWhole(subject.value)
  if (!undone.ok) return failed(subject.value, undone.error)
  if (undone.value) work.options.on.progress(resource.rid, 'rolled back')
  return ok(undefined)
}

async function undoWhole(subject: Subject): Promise<Result<boolean>> {
  subject.log('info', UNDO)
  const stopped = await runPhase(subject, 'stop')
  return stopped.ok ? ok(true) : stopped
}

/** The value tells whether there was something to undo. */
async function undoHalf(subject: Subject): Promise<Result<boolean>> {
  const { seen } = await lookAgain(subject)
  if (!seen.ok) return seen
  const steps = stepsOf(subject, 'stop', seen.value)
  if (steps.length === 0) return ok(false)
  subject.log('info', UNDO)
  const ran = await runSteps(steps, frameOf(subject, 'stop'))
  if (!ran.ok) return ran
  const after = await lookAgain(subject)
  if (after.probe.released) return ok(true)
  return {
    ok: false,
    error: { code: 'NOT_EFFECTIVE', message: `${after.probe.label} is still ${after.probe.status}` },
  }
}
