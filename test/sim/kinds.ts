/** What a violation is one of, told by the words of the checker that found it. */
const words = {
  'two instances at once': / began on \S+ at \d+ ms while it was up on /,
  'an older one that goes on': / is still up on \S+, which goes on, beside /,
  'two instances left': /^\S+ is up on \S+ and /,
  'a number that is not above the last': / began on \S+ with the number /,
  'up without a lease': / was up on \S+ for -?\d+ ms after the end of its lease, /,
  'a start of what is frozen':
    / at \d+ ms(, though .* frozen$| by the answer of \S+, which knows that it is frozen$)/,
  'a start of what is stopped': /, though it is to be stopped$/,
  'an action for what is over': / for a target state that is over$/,
  'a store that was not rolled back': / says that its store was rolled back, and it was not, /,
  'a hole in a history': / in the history there$/,
  'not up in time': /^\S+ is (not up, or half: |up on no node, )/,
  'not at rest': /^(registers differ between nodes|documents still change)$/,
} as const

export type Kind = keyof typeof words | 'a claim of the agent itself'

const live: readonly Kind[] = ['not up in time', 'not at rest']

/** Nothing was harmed: what should run does not, or goes on changing. */
export const isLiveness = (kind: Kind): boolean => live.includes(kind)

/** Each has exactly one. */
export function kindOf(violation: string): Kind {
  const kinds = (Object.keys(words) as (keyof typeof words)[]).filter((kind) => words[kind].test(violation))
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1)
    throw new Error(`"${violation}" is of ${kinds.length} kinds: ${kinds.join(', ')}`)
  return kind
}
