import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from './failure.js'

export interface Patience {
  readonly timeoutMs: number
  readonly everyMs?: number
}

/** Asks again and again until the answer is defined and not false; undefined once the time is up. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false>,
  { timeoutMs, everyMs = 10 }: Patience,
): Promise<T | undefined> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() >= endMs) return undefined
    await sleep(everyMs)
  }
}

/** As eventually, but running out of time is an error with the given sentence. */
export async function until<T>(
  ask: () => Promise<T | undefined | false>,
  patience: Patience & { readonly or: string },
): Promise<T> {
  const answer = await eventually(ask, patience)
  if (answer === undefined) throw new LabError(patience.or)
  return answer
}
