import type { Resource } from '../../../core/service.js'
import type { Foreseen } from './foresight.js'
import { runSteps } from './run-steps.js'
import { frameOf, subjectOf, type Subject, type Work } from './work.js'

/**
 * Begins to remove what is in the way of resources whose turn comes later, beside the resources before them: a crash leaves dead containers. Where
 * a start may be passed over by its requirements, nothing is removed for it. What is not gone by a resource's turn is seen by its own first look, and removed there.
 */
export function clearAhead(work: Work, planned: readonly Resource[]): void {
  const nowMs = work.options.node.io.clock.nowMs()
  for (const resource of planned) {
    const foreseen = work.foreseen.get(resource.rid)
    const subject = subjectOf(work, resource)
    if (foreseen?.isFresh(nowMs) !== true || work.begun.has(resource.rid) || !subject.ok) continue
    if (subject.value.driver.clear === undefined || resource.requires.length > 0) continue
    work.cleared.set(resource.rid, clear(subject.value, foreseen))
  }
}

/** Never rejects. */
async function clear(subject: Subject, foreseen: Foreseen): Promise<void> {
  const { work, driver, ctx, resource } = subject
  const { seen } = await foreseen.view
  const steps = seen.ok ? (driver.clear?.(ctx, seen.value) ?? []) : []
  if (steps.length === 0) return
  await runSteps(steps, frameOf(subject, 'start'))
  // What was seen meanwhile may still show it.
  work.foreseen.delete(resource.rid)
  work.sight.forget()
}
