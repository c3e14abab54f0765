import type { decide } from '../../src/core/decide/index.js'
import type { Event } from '../../src/core/event.js'
import type { World } from '../../src/core/world.js'

/** A broken rule, in the simulator alone: what a daemon with that defect would decide, believe, hear or say. */
export interface Mutation {
  /** What decides. */
  readonly decide?: typeof decide
  /** What it believes at its birth. */
  readonly born?: (world: World) => World
  /** What comes in. */
  readonly hears?: (event: Event, nowMs: number) => Event
  /** What goes out, as text. */
  readonly says?: (text: string) => string
  /** Keys of the store that its next daemon does not find. */
  readonly forgets?: (key: string) => boolean
  /** Durations are measured on the wall's clock. */
  readonly wallClock?: boolean
  /** A stop by force waits like any other. */
  readonly gentle?: boolean
  /** Just before an exclusive step the lease is not looked at. */
  readonly leaseless?: boolean
  /** Machines have neither guard nor watchdog. */
  readonly unguarded?: boolean
}
