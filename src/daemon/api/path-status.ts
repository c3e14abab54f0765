import type { HeartbeatTimers } from '../../core/cluster.js'
import type { PathView } from '../agent/peering.js'
import { lossOf } from '../peers/reception.js'
import type { PathStatus } from './contract.js'

/** Heartbeat paths as operators see them. Pure. */
export function pathStatuses(
  views: readonly PathView[],
  o: { readonly nowMs: number; readonly heartbeat: HeartbeatTimers },
): readonly PathStatus[] {
  return views.map((view, i) => {
    const { id, peer, address, heardAtMs, latencyMs } = view
    const ageMs = heardAtMs === null ? null : o.nowMs - heardAtMs
    const before = views.slice(0, i).filter((one) => one.peer === peer).length
    const loss = lossNow(view, ageMs, o.heartbeat.intervalMs)
    return {
      id,
      name: `hb#${before}`,
      peer,
      address,
      state: stateOf(ageMs, o.heartbeat.timeoutMs),
      ageMs,
      latencyMs,
      loss,
    }
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
