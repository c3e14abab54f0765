import { randomBytes } from 'node:crypto'
import type { Rng } from '../ports.js'

/** Random numbers and identifiers of the machine. */
export function systemRng(): Rng {
  return { random: () => Math.random(), id: () => randomBytes(16).toString('hex') }
}
