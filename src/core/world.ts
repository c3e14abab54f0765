import type { ClusterConfig } from './cluster.js'
import type { MonitorState, NodeDocument } from './document.js'
import type { Fence } from './fencing.js'
import type { Lease } from './lease.js'
import type { RegisterEntry } from './register.js'
import type { RulesInForce } from './rules.js'
import type { Service } from './service.js'
import type { Vote } from './voting.js'

/**
 * Everything a node believes. It is only replaced, never changed in place; `decide` reads it and nothing else.
 * It can be written as JSON and read back.
 */
export interface World {
  /** Monotonic milliseconds of the event being handled. Durations and dates in the world are on this clock. */
  readonly nowMs: number
  readonly wallMs: number
  /** In [0, 1), new with each event: the only chance that a decision may use. */
  readonly random: number
  readonly self: string
  /** The newest configuration, under the strictest of the rules that are in force. */
  readonly cluster: ClusterConfig
  readonly rules: RulesInForce
  readonly boot: Boot
  /** Services known to this node by their newest good configuration. */
  readonly services: Readonly<Record<string, ServiceView>>
  /** By `registerKey`. */
  readonly registers: Readonly<Record<string, RegisterEntry>>
  /** Newest document of every node, this one's own included. */
  readonly documents: Readonly<Record<string, NodeDocument>>
  readonly links: Readonly<Record<string, Link>>
  /** This node's permission to run what is exclusive; of use with quorum only. */
  readonly lease: Lease
  /** What this voter knows of each peer's beats; of use with quorum only. */
  readonly votes: Readonly<Record<string, Vote>>
  /** Nodes that this one ordered to be powered off. */
  readonly fences: Readonly<Record<string, Fence>>
  /** What this node is doing to its instances right now, by service. */
  readonly actions: Readonly<Record<string, RunningAction>>
  /** Local actions that operators asked for and that have not begun, by service. */
  readonly orders: Readonly<Record<string, Order>>
  /** What only this node knows of its instances, by service. */
  readonly local: Readonly<Record<string, LocalInstance>>
  /** What the store remembers of instances that were not looked at yet, by service. */
  readonly memories: Readonly<Record<string, Memory>>
  /** This daemon is the first one since its node was let in: what others remember of that name is of a former life, and says nothing of its store. */
  readonly letIn?: true
  /** This node leaves: no new actions. */
  readonly leaving: boolean
}

/** Start of the daemon: nothing is decided while probing; nothing is started while holding. */
export type Boot =
  | { readonly phase: 'probing' }
  | { readonly phase: 'holding'; readonly untilMs: number }
  | { readonly phase: 'done' }

export interface ServiceView {
  /** Evaluated for this node. */
  readonly service: Service
  /** The newest configuration, while this node goes on with a former one since it has not seen released what the newest has no more. */
  readonly awaited?: Service
  /** Why the newest configuration is not in force here, if it is not. */
  readonly problem: string | null
  /** Members of earlier configurations whose instance was not since seen released. */
  readonly formerMembers: readonly string[]
}

/** Heartbeats of one peer. */
export interface Link {
  /** Monotonic milliseconds of the last beat, by path id. */
  readonly heardAtMs: Readonly<Record<string, number>>
  /** The same on paths that prove no more than that it lives: it can be told and asked nothing there. */
  readonly pulsedAtMs?: Readonly<Record<string, number>>
  /** When waiting for it began: the start of this daemon, or its joining. */
  readonly sinceMs: number
  /** Its registers were not yet the same as this node's: what it knows of target states may be newer. */
  readonly catchingUp?: true
  /** Monotonic milliseconds at which it was heard again after a silence, while it is catching up from that. */
  readonly backAtMs?: number
  /** Monotonic milliseconds at which this node heard that its daemon has begun anew. */
  readonly begunAtMs?: number
  /** Its incarnation of which an earlier daemon of this node heard that it left. */
  readonly leftBefore?: number
}

export type InstanceAction = 'prepare' | 'start' | 'stop' | 'restart' | 'provision' | 'unprovision'

export interface RunningAction {
  readonly id: string
  readonly action: InstanceAction
  /** The operator's local action that this carries out. */
  readonly order: string | null
  /** The target state that this serves. */
  readonly target: string | null
  /** Rids it is narrowed to by an operator; empty for all. */
  readonly rids: readonly string[]
  /** The instance as a whole starts or stops: what it remembers follows. */
  readonly whole: boolean
  readonly giveUp: string | null
  /** In-place restart of single resources. */
  readonly restart: boolean
  readonly aborting: boolean
  /** A stop by force: addresses go first. */
  readonly forced?: true
}

/** `om SVC start --local`: an operator's wish for this node's instance alone. */
export interface Order {
  readonly id: string
  readonly action: 'start' | 'stop' | 'restart' | 'provision' | 'unprovision'
  readonly selection: OrderSelection
}

export interface OrderSelection {
  readonly rids: readonly string[]
  readonly tags: readonly string[]
  readonly subsets: readonly string[]
  readonly upto: string | null
  readonly downto: string | null
  readonly force: boolean
}

/** What an instance remembers over a restart of the daemon. */
export interface Memory {
  readonly started: boolean
  /** A failed state, or idle. */
  readonly monitor: MonitorState
  readonly failure: string | null
  readonly doneTarget: string | null
  readonly formerMembers: readonly string[]
}

export interface LocalInstance {
  /** Configuration version that the last probe looked with; null before the first. */
  readonly probedVersion: string | null
  /** Every exclusive resource was seen released at the last probe or at the end of the last action. */
  readonly released: boolean
  /** Rids of the exclusive resources that were, each by itself. */
  readonly seenReleased: readonly string[]
  /**
   * The configuration by which something exclusive was begun, or found, here; null once everything was seen released. Durable: the next one may be in the
   * store, and this daemon dead, before anybody has compared the two.
   */
  readonly former: Service | null
  /** Exclusive resources were found active after a boot of the machine: they are stopped before anything else. */
  readonly foundAtBoot: boolean
  /** Highest generation that this node ever gave to a start. Durable. */
  readonly generation: number
  /** Monotonic milliseconds before which no new claim is written. */
  readonly claimAfterMs: number
  /** Monotonic milliseconds at which the standing claim was written. */
  readonly claimedAtMs: number
  readonly addressCheck: AddressCheck | null
  /** Monotonic milliseconds of the last stop by force. */
  readonly forcedAtMs: number
  /** Id of the target state for which the early part was done. */
  readonly preparedFor: string | null
  /** In-place restarts, by rid. */
  readonly restarts: Readonly<Record<string, RestartCount>>
  /** Stopped on their own by an operator. */
  readonly userStopped: readonly string[]
  /** The instance was provisioned. Durable. */
  readonly provisioned: boolean
}

/** Evidence that a silent member does not run the service: does anybody answer for its addresses? */
export interface AddressCheck {
  /** The claim that it was made for: `since` of that claim. */
  readonly claim: number
  readonly result: 'asked' | 'silent' | 'answered' | 'unchecked'
  readonly detail: string
  /** Monotonic milliseconds at which it was asked, or answered. */
  readonly atMs: number
}

export interface RestartCount {
  readonly count: number
  readonly lastMs: number
  /** Since when it has been up again; null while it is not. */
  readonly upSinceMs: number | null
}

export const freshLocal: LocalInstance = {
  probedVersion: null,
  released: false,
  seenReleased: [],
  former: null,
  foundAtBoot: false,
  generation: 0,
  claimAfterMs: 0,
  claimedAtMs: 0,
  addressCheck: null,
  forcedAtMs: Number.NEGATIVE_INFINITY,
  preparedFor: null,
  restarts: {},
  userStopped: [],
  provisioned: false,
}
