import { BrokenInvariant } from '../../src/core/invariant.js'
import type { Decide } from './belied.js'
import { catchers, unprotected } from './catchers.js'
import { directed } from './directed.js'
import { isLiveness, kindOf, type Kind } from './kinds.js'
import type { Mutation } from './mutation.js'
import { quorumStories } from './quorum-stories.js'
import { runSchedule, runSeed } from './run.js'
import { runSoak } from './soak-run.js'
import { soakOf, type Setting } from './soak.js'

/** What a broken rule was caught by. */
export interface Caught {
  /** Of the story, or the number of the seed. */
  readonly name: string
  readonly kind: Kind
  /** In the checker's words. */
  readonly what: string
}

type Violation = Omit<Caught, 'name'>

/** By the story named for it, with a violation of the kind that is named for it. */
export function caughtInStory(name: string, mutation: Mutation): Caught | null {
  const { story = '' } = catchers[name] ?? {}
  const soak = quorumStories[story]
  if (soak === undefined) return null
  return found(story, expectedOf(catchers[name]?.kind), () => runSoak(soak, { mutation }).violations)
}

/** By the first seed that shows what the story named for it has to show; of one without a story, any harm. */
export function caughtBySeed(
  name: string,
  mutation: Mutation,
  o: { readonly seeds: number; readonly setting: Setting },
): Caught | null {
  const expected = expectedOf(catchers[name]?.kind)
  return first(o.seeds, expected, (seed) => runSoak(soakOf(seed, o.setting), { mutation }).violations)
}

/** Without quorum: by a directed schedule. */
export function caughtDirectly(name: string, rules: Decide): Caught | null {
  const expected = expectedOf(unprotected[name])
  for (const [story, schedule] of Object.entries(directed)) {
    const caught = found(story, expected, () => runSchedule(schedule, rules).violations)
    if (caught !== null) return caught
  }
  return null
}

/** Without quorum: by one of so many short seeds. */
export const caughtBySeedUnprotected = (name: string, rules: Decide, seeds: number): Caught | null =>
  first(seeds, expectedOf(unprotected[name]), (seed) => runSeed(seed, rules).violations)

type Expected = (kind: Kind) => boolean

const expectedOf = (kind: Kind | undefined): Expected =>
  kind === undefined ? (one) => !isLiveness(one) : (one) => one === kind

function first(seeds: number, expected: Expected, run: (seed: number) => readonly string[]): Caught | null {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const caught = found(`${seed}`, expected, () => run(seed))
    if (caught !== null) return caught
  }
  return null
}

function found(name: string, expected: Expected, run: () => readonly string[]): Caught | null {
  const violation = violationsOf(run).find(({ kind }) => expected(kind))
  return violation === undefined ? null : { name, ...violation }
}

/** A claim of the agent's own that does not hold is one, too. Whatever else is thrown is no catch: the mutation, or the simulator, is broken itself. */
function violationsOf(run: () => readonly string[]): readonly Violation[] {
  try {
    return run().map((what) => ({ kind: kindOf(what), what }))
  } catch (thrown) {
    if (!(thrown instanceof BrokenInvariant)) throw thrown
    return [{ kind: 'a claim of the agent itself', what: thrown.message }]
  }
}
