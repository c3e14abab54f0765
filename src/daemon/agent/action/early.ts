import { ok, type Result } from '../../../core/result.js'
import type { Resource } from '../../../core/service.js'
import { Look } from '../../../resources/look.js'
import { runSteps } from './run-steps.js'
import { Limits, view } from './view.js'
import { frameOf, subjectOf, type Subject, type Work } from './work.js'

/**
 * Begins what drivers want done beside the resources before theirs (is an address free?). Each answer is awaited just before that
 * resource's own start. One look serves all of them.
 */
export function beginEarly(work: Work, resources: readonly Resource[]): void {
  const look = new Look(work.options.node.io)
  for (const resource of resources) {
    const subject = subjectOf(work, resource)
    if (subject.ok && subject.value.driver.early !== undefined) {
      work.early.set(resource.rid, early(subject.value, look))
    }
  }
}

/** Never rejects. A resource that cannot be looked at yet says so at its own start. */
async function early(subject: Subject, look: Look): Promise<Result<void>> {
  const { driver, ctx, work } = subject
  if ((await work.options.addressesSilent) === true) return ok(undefined)
  const limits = new Limits(ctx.io.clock)
  const { seen } = await view(driver, ctx, look, limits)
  limits.end()
  const step = seen.ok ? (driver.early?.(ctx, seen.value) ?? null) : null
  return step === null ? ok(undefined) : runSteps([step], frameOf(subject, 'start'))
}
