/** Thrown where the program itself is wrong. The agent freezes what it concerns and says so; it never guesses on. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant'
}

/** States what must hold, in production too: `must(alive.length > 0, 'a cluster of one still has a member')`. */
export function must(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new BrokenInvariant(claim)
}

/** Closes a switch that handles every kind; a new kind then breaks the build, not the night. */
export function never(value: never, what: string): never {
  throw new BrokenInvariant(`${what}: unexpected ${JSON.stringify(value)}`)
}
