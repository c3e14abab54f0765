import type { ResourceProbe } from '../../../core/event.js'
import type { Failure } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import type { InstanceAction, OrderSelection } from '../../../core/world.js'
import type { Foresight } from './foresight.js'
import type { Level } from './run-command.js'
import type { Node } from './view.js'

/** The reason of a signal that ends an action with its daemon: nobody would wait for what it begins then, and the next daemon goes on from what it finds. */
export const daemonEnds = 'omd ends'

/** An action on this node's instance of a service. */
export interface ActionOptions {
  readonly node: Node
  readonly service: Service
  readonly action: InstanceAction
  readonly selection: OrderSelection
  readonly origin: 'daemon' | 'user'
  /** Provisioning: does this node make the shared things? */
  readonly leader: boolean
  /** Generation of the instance; null where unknown. */
  readonly generation: number | null
  /** Whether anybody answers for the addresses was asked just before, or is being asked: true where what drivers would ask early is known. */
  readonly addressesSilent?: Promise<boolean>
  /** What the preparation of a start saw, or the holder while it waited for that preparation before its stop. */
  readonly foreseen?: Foresight
  /** A stop that gives up as much as it can: addresses first, and what is behind one that stays is stopped all the same. */
  readonly forced?: boolean
  /** What is left of it after that many milliseconds is not done. Absent: each resource has its own time. */
  readonly withinMs?: number | undefined
  /** Undo a failed start. Absent: as the service says. */
  readonly rollback?: boolean
  /** Ends the action: its commands are killed, a start is rolled back, but for the reason `daemonEnds`. */
  readonly signal: AbortSignal
  /** Asked just before each step that takes something exclusive: why it may not; null where it may. */
  readonly mayContinue: () => string | null
  readonly on: ActionListener
}

/** What is told while an action runs. */
export interface ActionListener {
  log(line: { readonly rid: string | null; readonly level: Level; readonly message: string }): void
  progress(rid: string, state: 'begun' | 'done' | 'failed' | 'rolled back'): void
  /** A resource was looked at. */
  changed(rid: string, probe: ResourceProbe): void
  /** A stop has nothing exclusive left to end: every exclusive resource was seen released. The rest of it waits for the promise. */
  released?(): Promise<void>
}

export interface ActionResult {
  /** Null: done. */
  readonly failure: Failure | null
  /** What became of a failed start: `none` where nothing had been started, or nothing was to be undone. */
  readonly rollback: 'none' | 'done' | 'failed'
  /**
   * The newest look at every resource of the service, those that the action passed over included; after a preparation that went well, at those that it had to
   * do with.
   */
  readonly resources: Readonly<Record<string, ResourceProbe>>
}
