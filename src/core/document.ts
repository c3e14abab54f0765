import type { Promises } from './promises.js'
import type { Stamp } from './register.js'
import type { RulesWord } from './rules.js'
import type { Status } from './status.js'

/** Version of one node's document: compared by incarnation, then generation. */
export interface DocumentVersion {
  readonly incarnation: number
  readonly generation: number
}

/**
 * What one node says of itself. Only that node writes it; everybody passes on the newest one they have.
 * The incarnation is new at each daemon start, the generation counts changes within it.
 */
export interface NodeDocument extends DocumentVersion {
  readonly node: string
  readonly machineId: string
  readonly bootId: string
  readonly agentVersion: string
  readonly state: NodeState
  readonly startedAtWallMs: number
  /**
   * For each peer the newest document that this author had merged when it wrote this one. Refreshed with every other change, and
   * at once when a peer's claim arrives: it is what makes this document an answer to that claim.
   */
  readonly seen: Readonly<Record<string, DocumentVersion>>
  /** Peers whose beats arrive on at least one path. */
  readonly hears: readonly string[]
  readonly load: Load
  /** What its leases and votes go by. Absent from agents that go by the newest configuration alone. */
  readonly rules?: RulesWord
  /**
   * What of its own protection does not work, a predicate of this node each: `has no guard: …`. Bounded, and changed only when it is found otherwise.
   * Absent where nothing was ever amiss, and from agents that do not tell.
   */
  readonly gaps?: readonly string[]
  /**
   * By service: the highest generation that a start may have had that this node knows of, whoever made it. It outlives the place, and is durable. Absent from agents that do
   * not tell.
   */
  readonly generations?: Readonly<Record<string, number>>
  /** Absent from agents that do not count them. */
  readonly promises?: Promises
  /** A daemon of this node has begun with an older store than it had, which others have told it. Durable, until the node leaves its cluster. */
  readonly rolledBack?: true
  /** By peer: this voter acknowledges none of its beats while these claims stand or are held. Only with quorum. */
  readonly evictions: Readonly<Record<string, Eviction>>
  /** An empty record while the first probe after a daemon start is under way. */
  readonly instances: Readonly<Record<string, InstanceDocument>>
}

/**
 * `booting`: first probe or boot hold; `maintenance`: the daemon was stopped, services stay up; `left`: gone, nothing held.
 */
export type NodeState = 'booting' | 'idle' | 'draining' | 'maintenance' | 'left'

export interface Eviction {
  /** Voter, incarnation and a number: never used twice. */
  readonly id: string
  /** What it was made in answer to. */
  readonly claims: readonly ClaimName[]
}

/** One claim of one node, told apart from any other. */
export interface ClaimName {
  readonly node: string
  readonly incarnation: number
  readonly service: string
  /** Generation of the document in which it was first written. */
  readonly since: number
}

export interface Load {
  readonly load15m: number
  readonly memTotalMb: number
  readonly memAvailMb: number
  readonly swapTotalMb: number
  readonly swapAvailMb: number
  readonly cpus: number
}

export type MonitorState =
  | 'idle'
  | 'preparing'
  | 'starting'
  | 'stopping'
  | 'restarting'
  | 'provisioning'
  | 'unprovisioning'
  | 'start failed'
  | 'stop failed'
  | 'provision failed'
  | 'unprovision failed'
  | 'wait parents'
  | 'wait children'
  | 'wait priors'

/**
 * What safety is decided on. `held` is published before the first exclusive step and ends only when every exclusive resource was
 * seen released; failed, half rolled back and unprobed all count as held.
 */
export type Place =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'claimed'
      readonly generation: number
      readonly precedence: Precedence
      readonly since: number
    }
  /** `since` is that of the claim that it was granted by, where there was one. */
  | { readonly kind: 'held'; readonly generation: number; readonly since: number }

/** Rank in the placement order at claim time, then the name: smaller goes first. A value, so that no reader recomputes it. */
export interface Precedence {
  readonly rank: number
  readonly node: string
}

export interface InstanceDocument {
  /** Version of the configuration that this node enacts. */
  readonly configVersion: string
  readonly place: Place
  readonly monitor: MonitorState
  /** Words of the last failure, while `monitor` is a failed state. */
  readonly failure: string | null
  readonly avail: Status
  readonly overall: Status
  readonly provisioned: boolean
  /** The instance remembers that it should be up: set by a successful start, cleared by stop. */
  readonly started: boolean
  /** Id of the newest target state of the service that this node knows, ended or not. */
  readonly sawTarget: string | null
  /** What operators said that bears on the service, by register: the newest stamps that this node knows. Absent from agents that do not tell. */
  readonly words?: Readonly<Record<string, Stamp>>
  /** Id of the target state for which the early part of a start is done here. */
  readonly preparedFor: string | null
  /** Id of the last target state whose part this instance has done (for `restarted`). */
  readonly doneTarget: string | null
  readonly resources: Readonly<Record<string, ResourceDocument>>
}

export interface ResourceDocument {
  readonly status: Status
  /** Name of the driver and what it acts on: `xfs /dev/db1/data@/srv/db1/data`. */
  readonly label: string
  readonly type: string
  readonly messages: readonly ResourceMessage[]
  /** Null where provisioning does not apply. */
  readonly provisioned: boolean | null
  readonly flags: ResourceFlags
}

export interface ResourceMessage {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

export interface ResourceFlags {
  readonly running: boolean
  readonly monitor: boolean
  readonly disable: boolean
  readonly optional: boolean
  readonly standby: boolean
  /** Restarts left; null where the resource has no `restart`. */
  readonly restartsLeft: number | null
  /** Stopped on its own by an operator (`stop --rid`): nothing restarts it. */
  readonly userStopped: boolean
}

/** Is `a` at least as new as `b`? */
export function atLeast(a: DocumentVersion | undefined, b: DocumentVersion): boolean {
  if (a === undefined) return false
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.generation >= b.generation)
}
