import type { ResourceProbe } from '../../../core/event.js'
import { fail, ok, type Result } from '../../../core/result.js'
import type { Resource } from '../../../core/service.js'
import type { Step } from '../../../resources/driver.js'
import { requirements, triggers } from './conditions.js'
import { runSteps } from './run-steps.js'
import type { View } from './view.js'
import { changedByPhase } from './foresight.js'
import { byRelease, passedOver, type Phase } from './phases.js'
import {
  failed,
  firstLook,
  frameOf,
  lookAfter,
  lookAgain,
  stepsOf,
  beginAfterwards,
  forgetSeen,
  type Subject,
} from './work.js'

/** While a driver's result settles it is looked at this often. */
const SETTLE_POLL_MS = 100

/**
 * Looks, acts, looks again: success is what the node shows afterwards. Requirements first, then triggers around the steps. Nothing to do is
 * success, too, and runs no trigger.
 */
export async function runPhase(subject: Subject, phase: Phase): Promise<Result<void>> {
  const { ctx, work, driver } = subject
  const { action, selection } = work.options
  // What is unmade does not stay up, not even a standby resource.
  const force = selection.force || action === 'unprovision'
  const passed = passedOver(subject.resource, driver, phase, force)
  if (passed !== null) {
    if (passed !== '') subject.log('info', passed)
    return ok(undefined)
  }
  if (work.ahead.includes(subject.resource)) work.ahead.splice(work.ahead.indexOf(subject.resource), 1)
  if (phase === 'start') await work.cleared.get(subject.resource.rid)
  const first = await firstLook(subject, phase)
  if (nothingToDo(subject, phase, first)) return ok(undefined)
  if (phase === 'prepare') return prepared(subject, first)
  const required = await requirements(ctx, phase, work.options.node)
  if (!required.ok) return required
  if (required.value === 'skip') return ok(undefined)
  return around(subject, phase, first)
}

async function prepared(subject: Subject, first: View): Promise<Result<void>> {
  if (!first.seen.ok) return first.seen
  const frame = { ...frameOf(subject, 'prepare'), begun: () => beginAfterwards(subject.work) }
  const ran = await runSteps(steps(subject, 'prepare', first), frame)
  forgetChanged(subject, 'prepare')
  return ran
}

function forgetChanged({ work, resource }: Subject, phase: Phase): void {
  for (const rid of changedByPhase(work.options.service, resource, phase)) work.foreseen.delete(rid)
}

function nothingToDo(subject: Subject, phase: Phase, seen: View): boolean {
  if (!seen.seen.ok || steps(subject, phase, seen).length > 0 || missed(subject, phase, seen.probe) !== null)
    return false
  const state = { start: 'up', stop: 'down', prepare: null, provision: null, unprovision: null }[phase]
  if (state !== null) subject.log('info', `${seen.probe.label} is already ${state}`)
  return true
}

/** Is it for this node to make the thing itself? */
const makes = ({ work, resource }: Subject): boolean => work.options.leader || !resource.shared

const steps = (subject: Subject, phase: Phase, seen: View): readonly Step[] =>
  seen.seen.ok ? stepsOf(subject, phase, seen.seen.value) : []

/** The steps with the operator's commands before and behind them. */
async function around(
  subject: Subject,
  phase: Exclude<Phase, 'prepare'>,
  first: View,
): Promise<Result<void>> {
  const { resource } = subject
  const has = (when: 'pre' | 'post'): boolean =>
    resource.triggers.some((one) => one.when === when && one.action === phase)
  const before = has('pre') ? await commanded(subject, 'pre', phase) : ok(undefined)
  if (!before.ok) return before
  const ran = await effective(subject, phase, has('pre') ? await lookAgain(subject) : first)
  if (!ran.ok || !has('post')) return ran
  return commanded(subject, 'post', phase)
}

/** Nobody knows what these commands change. Another one of the stage may have been looked at in the middle of them. */
async function commanded(
  subject: Subject,
  when: 'pre' | 'post',
  phase: Exclude<Phase, 'prepare'>,
): Promise<Result<void>> {
  const ran = await triggers(subject.ctx, when, phase, frameOf(subject, phase))
  forgetSeen(subject.work)
  return ran
}

async function effective(
  subject: Subject,
  phase: Exclude<Phase, 'prepare'>,
  seen: View,
): Promise<Result<void>> {
  if (!seen.seen.ok) return seen.seen
  const { work, resource } = subject
  const had = phase === 'start' ? hadElsewhere(subject, seen.seen.value) : null
  if (had !== null) return fail('CONFLICT', had)
  if (phase === 'start' && !work.touched.includes(resource)) work.touched.push(resource)
  const early = phase === 'start' ? await work.early.get(resource.rid) : undefined
  if (early !== undefined && !early.ok) return early
  const frame = { ...frameOf(subject, phase), begun: () => beginAfterwards(work) }
  const ran = await runSteps(inTurn(subject, phase, steps(subject, phase, seen)), frame)
  beginAfterwards(work)
  // Beside it another one of its stage may have been looked at.
  work.sight.forget()
  forgetChanged(subject, phase)
  if (!ran.ok) {
    // A part of them may have taken what was seen released before.
    work.probes.delete(resource.rid)
    return ran
  }
  if (wasReleased(subject, phase, seen)) {
    work.leftovers?.push({ subject, steps: [] })
    return ok(undefined)
  }
  if (!showsLater(subject, phase)) return shown(subject, phase, seen)
  // A stop's holder is waited for: what it has given up is told at once. A start goes on with its next command first.
  if (phase === 'stop') work.unshown.push(shownLater(subject, phase, seen))
  else work.afterwards.push(() => work.unshown.push(shownLater(subject, phase, seen)))
  return ok(undefined)
}

/** Why a node that provisions what is its own leaves this alone: null where it may be its own. */
function hadElsewhere({ work, driver, ctx, resource }: Subject, seen: unknown): string | null {
  if (work.options.action !== 'provision' || work.options.leader) return null
  const by = driver.elsewhere?.(ctx, seen) ?? null
  const command = `om ${work.options.service.name} set --kw ${resource.rid}.shared=true`
  return by === null
    ? null
    : `${driver.label(ctx)} carries ${by}: if all nodes see the same one, say so: ${command}`
}

/** The steps of a resource's turn. What holds nothing is left for later, where this action has a later. */
function inTurn(subject: Subject, phase: Phase, all: readonly Step[]): readonly Step[] {
  const { resource, work } = subject
  if (phase !== 'stop' || work.leftovers === null) return all
  const { now, later } = byRelease(resource, all)
  if (later.length > 0) work.leftovers.push({ subject, steps: later })
  return now
}

/**
 * Its stop took away what holds nothing, such as this node's name on a volume group whose volumes are not active any more: it is looked at with what else is
 * removed, and keeps no other node waiting.
 */
const wasReleased = ({ resource, work }: Subject, phase: Phase, before: View): boolean =>
  phase === 'stop' &&
  resource.group === 'disk' &&
  work.leftovers !== null &&
  before.probe.released &&
  !isFollowed(resource, phase)

/** The operator wants to have a command behind it. */
const isFollowed = ({ triggers }: Resource, phase: Phase): boolean =>
  triggers.some(({ when, action }) => when === 'post' && action === phase)

/**
 * Nothing that follows an address could do harm without it: it is looked at beside what follows. What the operator wants to have behind it, or
 * allows to fail, has to know first.
 */
const showsLater = ({ resource, work }: Subject, phase: Phase): boolean =>
  resource.group === 'ip' &&
  work.guarded &&
  !resource.optional &&
  (phase === 'start' || phase === 'stop') &&
  !isFollowed(resource, phase)

async function shownLater(
  subject: Subject,
  phase: Exclude<Phase, 'prepare'>,
  before: View,
): Promise<Result<void>> {
  const done = await shown(subject, phase, before, lookAgain)
  return done.ok ? done : failed(subject, done.error)
}

/** Does the node show the result? */
async function shown(
  subject: Subject,
  phase: Exclude<Phase, 'prepare'>,
  before: View,
  look: (subject: Subject, before: View) => Promise<View> = lookAfter,
): Promise<Result<void>> {
  const { clock } = subject.ctx.io
  const untilMs = clock.nowMs() + (subject.driver.settleMs ?? 0)
  for (;;) {
    const seen = await look(subject, before)
    const why = missed(subject, phase, seen.probe) ?? stillThere(subject, phase, seen)
    if (why === null) return ok(undefined)
    if (clock.nowMs() >= untilMs || subject.work.signal.aborted) {
      return fail('NOT_EFFECTIVE', `every step of the ${phase} succeeded, but ${why}`)
    }
    await new Promise<void>((resolve) => void clock.at(clock.nowMs() + SETTLE_POLL_MS, resolve))
  }
}

/** What the look shows instead of the result; null where it shows the result. */
function missed(subject: Subject, phase: Phase, probe: ResourceProbe): string | null {
  const words = [`${probe.label} is ${probe.status}`, ...probe.messages.map((message) => message.text)].join(
    ': ',
  )
  switch (phase) {
    case 'start':
      return probe.status === 'up' || probe.status === 'stdby up' || probe.status === 'n/a' ? null : words
    case 'stop':
      return probe.released ? null : words
    case 'provision':
      return makes(subject) && probe.provisioned === false ? `${probe.label} is not provisioned` : null
    case 'prepare':
    case 'unprovision':
      return null
  }
}

/** After an unprovision nothing may be left for another one. */
function stillThere(subject: Subject, phase: Phase, seen: View): string | null {
  return phase === 'unprovision' && steps(subject, phase, seen).length > 0
    ? `${seen.probe.label} is still there`
    : null
}
