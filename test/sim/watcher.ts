import type { Intent } from '../../src/core/intent.js'
import type { RegisterWrite } from '../../src/core/register.js'
import type { World } from '../../src/core/world.js'
import type { Point } from './buggify.js'

/** `reset`: the guard resets its machine. */
export type Protector = 'guard' | 'watchdog' | 'reset'

/** Told of what happens, as it happens. */
export interface Watcher {
  /** A service's exclusive resources became active on a machine; `goesOn`: they were before, or are restarted in place. */
  activated?(service: string, machine: string, goesOn: boolean): void
  /** A daemon wants something, in this world. */
  intends?(machine: string, intent: Intent, world: World): void
  /** A daemon has had a turn: what it now knows is on its disk. */
  turned?(machine: string): void
  /** A daemon has answered a change with success. */
  accepted?(machine: string, writes: readonly RegisterWrite[]): void
  /** A machine has left its cluster, and knows nothing of it any more. */
  forgot?(machine: string): void
  /** A cut, a heal, a daemon that comes or goes. */
  changed?(): void
  /** A machine's guard or watchdog did something. */
  protected?(machine: string, what: Protector, why: string): void
  /** What a daemon stands on did something rare. */
  misbehaved?(point: Point): void
  /** Something does not hold, in words. */
  violated?(what: string): void
}
