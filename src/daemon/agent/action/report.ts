import type { Failure } from '../../../core/result.js'
import type { ActionResult } from './options.js'
import { probeResources } from './probe.js'
import { shownOf } from './view.js'
import { freshlyForeseen, type Work } from './work.js'

/** What an action that is over tells of the service's resources. */
export async function report(work: Work, failure: Failure | null): Promise<ActionResult['resources']> {
  if (failure !== null || !leavesOthers(work)) return allResources(work)
  const seen = await seenOf(work)
  // What is held here, against all expectation, makes the place this node's: the whole is told.
  const holds = work.options.service.resources.some(
    ({ rid, exclusive }) => exclusive && seen[rid]?.released === false,
  )
  return holds ? allResources(work) : seen
}

/** Every resource of the service as last seen; those that were not looked at, or not lately, are looked at now. */
export async function allResources(work: Work): Promise<ActionResult['resources']> {
  const { service, generation, node } = work.options
  const seen = await seenOf(work)
  const others = service.resources.filter(({ rid }) => seen[rid] === undefined)
  return { ...(await probeResources(service, others, generation, node)), ...seen }
}

/** Those that were looked at, as last seen. */
async function seenOf(work: Work): Promise<ActionResult['resources']> {
  for (const resource of work.ahead) {
    const seen = await freshlyForeseen(work, resource)
    if (seen !== undefined) work.probes.set(resource.rid, shownOf(resource, seen.probe))
  }
  return Object.fromEntries(work.probes)
}

/** The other node, with users waiting, stops as soon as a preparation has ended: what it had nothing to do with is not looked at before. */
const leavesOthers = ({ options }: Work): boolean =>
  options.action === 'prepare' && options.service.resources.every(({ standby }) => !standby)
