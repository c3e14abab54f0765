// What the lab says when something is wrong: one sentence that names the next step.

/** An expected failure; its message is all that a person needs. */
export class LabError extends Error {
  override readonly name = 'LabError'
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
