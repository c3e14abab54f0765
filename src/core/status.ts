import { never } from './invariant.js'

/** Status of a resource, and of an instance as the aggregate of its resources. */
export type Status = 'up' | 'down' | 'warn' | 'stdby up' | 'stdby down' | 'n/a' | 'undef'

/** Exit code of `om SVC status` (OpenSVC agent documentation, "status"). */
export function statusCode(status: Status): number {
  switch (status) {
    case 'up':
      return 0
    case 'down':
      return 1
    case 'warn':
      return 2
    case 'n/a':
      return 3
    case 'undef':
      return 5
    case 'stdby up':
      return 6
    case 'stdby down':
      return 7
  }
}

// Two states exist only while merging: they make the result independent of the order of the resources.
type Merged = Status | 'up over standby' | 'down over standby'

/**
 * Merges statuses as OpenSVC does: `n/a` and `undef` are neutral, up and down together are `warn`,
 * a standby resource that is up beside down ones is `stdby up`, beside up ones `up`. Order does not matter.
 */
export function aggregate(statuses: Iterable<Status>): Status {
  let merged: Merged = 'undef'
  for (const status of statuses) merged = merge(merged, status)
  switch (merged) {
    case 'up over standby':
      return 'up'
    case 'down over standby':
      return 'stdby up'
    default:
      return merged
  }
}

function merge(a: Merged, b: Merged): Merged {
  if (a === b || b === 'undef') return a
  if (a === 'undef') return b
  if (b === 'n/a') return a
  if (a === 'n/a') return b
  if (a === 'warn' || b === 'warn') return 'warn'
  return pair(a, b) ?? pair(b, a) ?? 'warn'
}

function pair(a: Merged, b: Merged): Merged | null {
  switch (a) {
    case 'up':
      return b === 'stdby up' || b === 'up over standby' ? 'up over standby' : null
    case 'down':
      if (b === 'stdby up' || b === 'down over standby') return 'down over standby'
      return b === 'stdby down' ? 'stdby down' : null
    case 'stdby up':
      if (b === 'up over standby' || b === 'down over standby') return b
      return null
    case 'stdby down':
    case 'up over standby':
    case 'down over standby':
    case 'warn':
    case 'n/a':
    case 'undef':
      return null
  }
  return never(a, 'status')
}
