/** A service as one node sees it: its configuration with scoping and references evaluated for that node. */
export interface Service {
  readonly name: string
  /** Identity of the configuration text: the same on every node that has the same version. */
  readonly version: string
  /** Members, in the order of the `nodes` keyword (the order of placement policy `nodes order`). */
  readonly nodes: readonly string[]
  readonly topology: 'failover' | 'flex'
  readonly orchestrate: 'no' | 'start' | 'ha'
  readonly placement: 'none' | 'nodes order' | 'load avg'
  /** Lower starts first. */
  readonly priority: number
  /** `service` or `service@node`. */
  readonly parents: readonly string[]
  readonly children: readonly string[]
  readonly monitorAction: MonitorAction
  readonly preMonitorAction: string | null
  readonly rollback: boolean
  readonly disable: boolean
  readonly showDisabled: boolean
  /** What happens to the losing one of two instances found up. */
  readonly onDuplicate: 'stop oldest' | 'stop newest' | 'placement' | 'freeze'
  readonly resources: readonly Resource[]
  /** `[subset#group:name] parallel = true`, by `group:name`. */
  readonly parallelSubsets: readonly string[]
  /** The `env` section, evaluated. */
  readonly env: Readonly<Record<string, string>>
}

export type MonitorAction = 'none' | 'freezestop' | 'switch' | 'reboot' | 'crash'

/** Driver groups in start order (https://docs.opensvc.com, "resources": group order); stop is the mirror. */
export const GROUPS = ['ip', 'disk', 'fs', 'container', 'app', 'sync'] as const
export type Group = (typeof GROUPS)[number]

/** A value after conversion by its keyword's type. Durations are milliseconds, sizes are bytes. */
export type Value = string | number | boolean | readonly string[] | null

export interface Resource {
  /** `fs#1`: group, `#`, a free name. */
  readonly rid: string
  readonly group: Group
  /** Driver type within the group: `xfs`, `docker`, `netns`, … */
  readonly type: string
  /** Keywords of the driver, converted; every keyword of the schema is present (default or null). */
  readonly keywords: Readonly<Record<string, Value>>
  readonly subset: string | null
  readonly tags: readonly string[]
  readonly disable: boolean
  readonly optional: boolean
  readonly monitor: boolean
  /** Kept up on passive nodes too (evaluated for this node). */
  readonly standby: boolean
  readonly shared: boolean
  /** In-place restarts before `monitor_action` is considered. */
  readonly restart: number
  readonly restartDelayMs: number
  readonly provision: boolean
  readonly unprovision: boolean
  readonly timeouts: ActionTimeouts
  readonly triggers: readonly Trigger[]
  readonly requires: readonly Requirement[]
  /** Only one node may have it active. False for a container that only holds a namespace, for standby and sync resources. */
  readonly exclusive: boolean
  /** What it acts on, as its driver tells it: in two configurations the same where the one sees and stops what the other started. */
  readonly identity: string
  readonly comment: string | null
}

export type ResourceAction = 'start' | 'stop' | 'provision' | 'unprovision'

/** Milliseconds each action of this resource may take. */
export interface ActionTimeouts {
  readonly start: number
  readonly stop: number
  readonly provision: number
  readonly unprovision: number
  readonly status: number
}

/** `pre_start`, `blocking_post_stop`, …: an operator's command around an action. */
export interface Trigger {
  readonly when: 'pre' | 'post'
  readonly action: ResourceAction
  /** A failing blocking trigger aborts the action; another one is only logged. */
  readonly blocking: boolean
  /** Shell words; run as an argument vector, never through a shell. */
  readonly command: readonly string[]
}

/** `start_requires = fs#1(up,stdby up)`. */
export interface Requirement {
  readonly action: ResourceAction
  readonly rid: string
  readonly states: readonly string[]
}
