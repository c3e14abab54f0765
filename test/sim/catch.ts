import type { Mutation } from './mutation.js'
import { quorumStories } from './quorum-stories.js'
import { runSoak } from './soak-run.js'
import { soakOf, type Setting, type Soak } from './soak.js'

/** The story that each mutation was first caught by; one without is caught by seeds. */
export const catchers: Readonly<Record<string, string>> = {
  'a start needs no evidence': 'the holder is cut off',
  'a start needs no claim': 'the holder is cut off',
  'a start needs no lease': 'the holder is cut off',
  'a document from before the claim is an answer': 'two start it at the same moment',
  'claims have no precedence': 'two start it at the same moment',
  'claims never end': 'two who claimed are answered by nobody',
  'stale evictions count': 'a voter has evicted the holder for a claim that is over, and hears it again',
  'the lease is longer than the timeout': 'the holder is cut off',
  'voters evict before the lease is over': 'the holder is cut off',
  'a lease counts from when its acknowledgement came': 'the last acknowledgements come seconds late',
  'an evicted node is acknowledged': 'a voter that has evicted the holder restarts, and hears it again',
  'evictions are forgotten at a restart': 'a voter that has evicted the holder restarts, and hears it again',
  'a voter that restarts takes the silent for long dead':
    'most voters restart while a claim stands and the holder is cut off',
  'durations are measured on the wall': 'the clock on the wall of a holder that is cut off goes back',
  'there is no boot hold': 'it was stopped while the best node was off, which hears of it late',
  'a restarted daemon takes an ended lease for one that lasts':
    'the daemon of a holder that is cut off is killed, and the next one finds the service',
  'a stop by force waits like any other': 'the holder is cut off while its stop hangs',
  'nothing is stopped when the lease is over': 'the holder is cut off',
  'there is neither guard nor watchdog': 'the holder stands still, and goes on later',
}

/** Does the story named for it catch the mutation? */
export function caughtInStory(name: string, mutation: Mutation): boolean {
  const soak = quorumStories[catchers[name] ?? '']
  return soak !== undefined && breaks(soak, mutation)
}

/** How many seeds it takes to catch it; null where so many do not. */
export function seedsToCatch(
  mutation: Mutation,
  o: { readonly seeds: number; readonly setting: Setting },
): number | null {
  for (let seed = 1; seed <= o.seeds; seed += 1) if (breaks(soakOf(seed, o.setting), mutation)) return seed
  return null
}

/** A broken invariant of the agent itself is a catch too. */
function breaks(soak: Soak, mutation: Mutation): boolean {
  try {
    return runSoak(soak, { mutation }).violations.length > 0
  } catch {
    return true
  }
}
