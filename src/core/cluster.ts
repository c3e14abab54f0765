import type { FencingAgent } from './fencing.js'

/** The cluster's own configuration, parsed. */
export interface ClusterConfig {
  readonly name: string
  /** Drawn at `om cluster init`; two clusters of one name stay apart by it. */
  readonly id: string
  /** Members in the order of `cluster.nodes`; services' `{clusternodes}` expands to their names. */
  readonly nodes: readonly ClusterNode[]
  /**
   * Is a majority of voters needed to run anything exclusive? Voters are the nodes and the witnesses. Without it, silence and unanswered
   * addresses are all that a takeover goes by.
   */
  readonly quorum: boolean
  /** Voters that run nothing. */
  readonly witnesses: readonly ClusterNode[]
  /** What ends exclusive instances that a lapsed lease has not ended within `stopMaxMs`. */
  readonly selfFence: 'stop' | 'reboot' | 'watchdog'
  /** What resets a node where `selfFence` is `watchdog`. */
  readonly watchdog: Watchdog
  /** Time in which everything exclusive on a node can be stopped by force, in milliseconds. */
  readonly stopMaxMs: number
  /** TCP port of peers and API. */
  readonly port: number
  readonly heartbeat: HeartbeatTimers
  /** Heartbeat paths besides the pairs of addresses: they prove that a node lives, and carry nothing else. */
  readonly pulsePaths: readonly PulsePath[]
  /** After a daemon start: how long peers are awaited before this node acts alone, in milliseconds. */
  readonly rejoinGraceMs: number
  /** A claim older than this is withdrawn, in milliseconds; more than twice the timeout. */
  readonly claimLifeMs: number
  /** Actions of services that run at the same time on one node. */
  readonly maxParallel: number
  /** Full probe of everything, behind the events, in milliseconds. */
  readonly statusIntervalMs: number
  /** Default time limit of a target state, in milliseconds. */
  readonly targetTimeoutMs: number
  /** Log lines older than this, or beyond this number, are dropped from the node's store. */
  readonly logMaxAgeMs: number
  readonly logMaxLines: number
  readonly hooks: readonly Hook[]
  /** How nodes are powered off, by node. */
  readonly fencing: Readonly<Record<string, FencingAgent>>
}

export interface Watchdog {
  /** `/dev/watchdog` */
  readonly device: string
  /** It resets the machine so long after it was fed last, in milliseconds: whole seconds. */
  readonly periodMs: number
}

export interface ClusterNode {
  readonly name: string
  /** Each is a heartbeat path: `192.0.2.1` or `192.0.2.1:1215`, IPv6 in brackets with a port. */
  readonly addresses: readonly string[]
}

export interface HeartbeatTimers {
  readonly profile: Profile
  readonly intervalMs: number
  /** Silence on every path for this long makes a peer unreachable. */
  readonly timeoutMs: number
  /** A node may go on for so long after the newest beat that a majority of voters has acknowledged. */
  readonly leaseMs: number
}

/** An `hb#NAME` section. */
export type PulsePath =
  /** `device`: a block device or file that every node reaches. */
  | { readonly name: string; readonly type: 'disk'; readonly device: string }
  /** `port`: of UDP, the same on every node. */
  | { readonly name: string; readonly type: 'unicast'; readonly port: number }
  | { readonly name: string; readonly type: 'multicast'; readonly port: number; readonly group: string }

export type Profile = 'default' | 'slow' | 'fast'

/** Nodes, then witnesses. Asked with every beat and each answer: mostly no list is made. */
export const votingNodes = ({ nodes, witnesses }: ClusterConfig): readonly ClusterNode[] =>
  witnesses.length === 0 ? nodes : [...nodes, ...witnesses]

export const votersOf = (cluster: ClusterConfig): readonly string[] =>
  votingNodes(cluster).map(({ name }) => name)

/** More than half of so many voters. */
export const majorityOf = (voters: number): number => Math.floor(voters / 2) + 1

/** What a hook can be told; `*` stands for all of them. */
export const hookEvents = [
  'instance_status',
  'instance_monitor',
  'target_set',
  'target_ended',
  'node_silent',
  'node_heard',
] as const

/** `hook#n`: a command run when one of `events` happens, the event as JSON on its standard input. */
export interface Hook {
  readonly name: string
  readonly events: readonly string[]
  readonly command: readonly string[]
  readonly timeoutMs: number
}
