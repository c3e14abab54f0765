import type { HeartbeatTimers } from '../../core/cluster.js'
import type { PathView } from '../agent/path-book.js'
import { lateOf, lossOf } from '../peers/reception.js'
import type { PathStatus } from './contract.js'

/** Heartbeat paths as operators see them. Pure. */
export function pathStatuses(
  views: readonly PathView[],
  o: { readonly nowMs: number; readonly heartbeat: HeartbeatTimers },
): readonly PathStatus[] {
  const names = namesOf(views)
  return views.map((view, i) => {
    const { id, peer, address, heardAtMs, latencyMs, protocol } = view
    const ageMs = heardAtMs === null ? null : o.nowMs - heardAtMs
    const loss = lossNow(view, ageMs, o.heartbeat.intervalMs)
    return {
      id,
      name: names[i] ?? '',
      peer,
      address,
      state: stateOf(ageMs, o.heartbeat.timeoutMs),
      ageMs,
      latencyMs,
      loss,
      late: view.reception === null ? null : lateOf(view.reception),
      protocol,
    }
  })
}

/** Pairs of addresses are numbered from 0 for each peer, past the numbers that sections have. */
function namesOf(views: readonly PathView[]): readonly string[] {
  const taken = new Set(views.map(({ section }) => section))
  const numbers = Array.from({ length: 2 * views.length }, (_, i) => `hb#${i}`).filter(
    (name) => !taken.has(name),
  )
  return views.map(({ section, peer }, i) => {
    const before = views.slice(0, i).filter((one) => one.peer === peer && one.section === null).length
    return section ?? numbers[before] ?? ''
  })
}

/** The beat that is on its way now is not late yet. */
function lossNow({ reception }: PathView, ageMs: number | null, intervalMs: number): number | null {
  if (reception === null || ageMs === null) return null
  return lossOf(reception, Math.max(0, Math.floor(ageMs / intervalMs) - 1))
}

function stateOf(ageMs: number | null, timeoutMs: number): PathStatus['state'] {
  if (ageMs === null) return 'never heard'
  return ageMs < timeoutMs ? 'beating' : 'stale'
}
