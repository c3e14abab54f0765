// What the status of a cluster looks like to clients.
import type { InstanceDocument, Load, NodeState } from '../../core/document.js'
import type { TargetEnd } from '../../core/register.js'
import type { Status } from '../../core/status.js'

/** `GET /api/status`: everything that `svcmon` and `print status` show. */
export interface ClusterStatus {
  readonly node: string
  /** Null while this node belongs to no cluster. */
  readonly cluster: string | null
  /** `unprotected against split brain`, … */
  readonly protection: string
  /** What the set-up does not protect against, and what of its own protection each node says that does not work: a sentence each with what can be done. */
  readonly gaps: readonly string[]
  readonly wallMs: number
  readonly daemon: DaemonStatus
  readonly nodes: readonly NodeStatus[]
  readonly services: readonly ServiceStatus[]
}

export interface DaemonStatus {
  readonly version: string
  readonly pid: number
  readonly startedWallMs: number
  readonly paths: readonly PathStatus[]
  /** How late omd got to its work in the last minute; null at its beginning, and while this node is in no cluster. */
  readonly loopDelay: { readonly p99Ms: number; readonly maxMs: number } | null
}

/** A heartbeat path as this node sees it. */
export interface PathStatus {
  readonly id: string
  /** `hb#0`, … */
  readonly name: string
  readonly peer: string
  readonly address: string
  readonly state: 'beating' | 'stale' | 'never heard'
  /** Of the last beat. */
  readonly ageMs: number | null
  /** Of the last round trip. */
  readonly latencyMs: number | null
  /** Share of the last hundred beats that were lost, from 0 to 1; null where it is not known. */
  readonly loss: number | null
  /** Share of the last hundred that came more than half an interval late. */
  readonly late: number | null
  /** The version that both ends speak; null while they are not connected. */
  readonly protocol: number | null
}

export interface NodeStatus {
  readonly name: string
  /** A witness votes and runs nothing. */
  readonly role: 'node' | 'witness'
  readonly reachable: boolean
  /** While it is not: those that this node hears, itself or through others, and that say that they still hear it, sorted. */
  readonly heardBy: readonly string[]
  readonly state: NodeState | 'unknown'
  readonly frozen: boolean
  readonly version: string | null
  readonly load: Load | null
  /** Wall milliseconds since when it is silent. */
  readonly silentSinceWallMs: number | null
}

export interface ServiceStatus {
  readonly name: string
  readonly avail: Status
  readonly overall: Status
  readonly placement: 'optimal' | 'non-optimal' | 'n/a'
  readonly topology: 'failover' | 'flex'
  readonly orchestrate: 'no' | 'start' | 'ha'
  readonly priority: number
  readonly provisioned: 'true' | 'false' | 'mixed'
  readonly frozen: 'frozen' | 'thawed' | 'mixed'
  readonly target: { readonly id: string; readonly name: string } | null
  /** How the newest target state ended; for a client whose event stream broke while it waited. */
  readonly lastTarget?: { readonly id: string; readonly name: string; readonly end: TargetEnd } | null
  readonly up: number
  readonly wanted: number
  /** First in the placement order. */
  readonly best: string | null
  /** What the node decides for it right now, in words; null where there is nothing to say. */
  readonly why: string | null
  readonly configVersion: string | null
  /** The newest configuration is refused by this node, which stays on the last good one: why. */
  readonly configProblem: string | null
  readonly parents: readonly Relation[]
  readonly children: readonly Relation[]
  readonly instances: readonly InstanceStatus[]
}

export interface Relation {
  readonly name: string
  readonly avail: Status
}

export interface InstanceStatus {
  readonly node: string
  readonly frozen: boolean
  readonly nodeFrozen: boolean
  /** Heard within the timeout. Where false, `instance` is the last word. */
  readonly reachable: boolean
  /** Null where this node never told of it. */
  readonly instance: InstanceDocument | null
}
