import type { decide } from '../../src/core/decide/index.js'
import type { Event } from '../../src/core/event.js'
import type { reduce } from '../../src/core/reduce/index.js'
import type { World } from '../../src/core/world.js'
import type { ProfileTimers } from '../../src/spec/cluster/profiles.js'

/** A broken rule, in the simulator alone: what a daemon with that defect would decide, believe, hear or say. */
export interface Mutation {
  /** What decides. */
  readonly decide?: typeof decide
  /** What an event makes of its world. */
  readonly reduce?: typeof reduce
  /** What it believes at its birth. */
  readonly born?: (world: World) => World
  /** Times of the cluster that no node would accept at load. */
  readonly timers?: Partial<ProfileTimers>
  /** What comes in. */
  readonly hears?: (event: Event, nowMs: number, world: World) => Event
  /** What a node sends, as text; null where it does not. */
  readonly says?: (text: string, from: string) => string | null
  /** Keys of the store that its next daemon does not find. */
  readonly forgets?: (key: string) => boolean
  /** A node that joins is told of no rules but the newest. */
  readonly joinsBlank?: boolean
  /** The rules of the cluster are changed by who hears nobody, too. */
  readonly changesAlone?: boolean
  /** Durations are measured on the wall's clock. */
  readonly wallClock?: boolean
  /** A stop by force waits like any other. */
  readonly gentle?: boolean
  /** Just before an exclusive step nothing is looked at again: neither lease nor place. */
  readonly unasked?: boolean
  /** For so long after the end of a lease the watchdog is fed, whatever the cluster's times allow. */
  readonly fedForMs?: number
  /** A daemon that stops takes it for granted that everybody has heard so. */
  readonly presumes?: boolean
  /** Machines have neither guard nor watchdog. */
  readonly unguarded?: boolean
  /** A guard that is to reset its machine does not. */
  readonly unreset?: boolean
}
