/**
 * Values that any node may set: a service's configuration, its target state, freezes. The newest stamp wins everywhere.
 * Stamps are hybrid logical clocks (Kulkarni et al., "Logical Physical Clocks", 2014): wall time, a counter, the author's name.
 */
export interface Stamp {
  readonly wallMs: number
  readonly count: number
  readonly node: string
}

export interface Register<T> {
  readonly stamp: Stamp
  readonly value: T
}

/** Negative: `a` is older. Two different stamps are never equal, so that every node settles on the same value. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.wallMs !== b.wallMs) return a.wallMs - b.wallMs
  if (a.count !== b.count) return a.count - b.count
  return a.node < b.node ? -1 : a.node > b.node ? 1 : 0
}

/** The stamp of the next write on `node`: later than everything seen, and as near to wall time as that allows. */
export function nextStamp(newest: Stamp | null, wallMs: number, node: string): Stamp {
  if (newest === null || wallMs > newest.wallMs) return { wallMs, count: 0, node }
  return { wallMs: newest.wallMs, count: newest.count + 1, node }
}

/** A service's configuration as text, canonical YAML; `text` null is the tombstone of a deleted service. */
export interface ConfigValue {
  readonly text: string | null
  /** Who wrote it: `user`, `file` (edited by hand), … */
  readonly author: string
}

export type TargetKind =
  | { readonly kind: 'started' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'placed'; readonly node: string }
  | { readonly kind: 'restarted'; readonly node: string }
  | { readonly kind: 'provisioned'; readonly leader: string }
  | { readonly kind: 'unprovisioned'; readonly leader: string }
  | { readonly kind: 'purged'; readonly leader: string }

/** A target state: what the cluster shall bring a service to. `end` is set once, when it was met, failed or was aborted. */
export interface TargetValue {
  readonly id: string
  readonly target: TargetKind
  readonly author: string
  /** Wall milliseconds after which it ends failed. */
  readonly deadlineWallMs: number
  readonly end: TargetEnd | null
}

export interface TargetEnd {
  readonly how: 'met' | 'failed' | 'aborted'
  readonly why: string
}

/** An operator's word that a node is off, void once the node is heard again; or a node's own at its leave, void with its next start. */
export interface ConfirmOffValue {
  readonly off: boolean
  /** The newest document of the node that the author knew then. */
  readonly incarnation: number
  readonly generation: number
}

/** `placed@node2`, `started`, …: how operators see a target. */
export function targetName(target: TargetKind): string {
  switch (target.kind) {
    case 'placed':
      return `placed@${target.node}`
    case 'started':
    case 'stopped':
    case 'restarted':
    case 'provisioned':
    case 'unprovisioned':
    case 'purged':
      return target.kind
  }
}

/** One register of the cluster. `name`: a service; for a freeze a service, `service@node` or `@node`; for `off` a node, for `clear` a service. */
export type RegisterEntry =
  | ({ readonly kind: 'config'; readonly name: string } & Register<ConfigValue>)
  | ({ readonly kind: 'cluster'; readonly name: 'cluster' } & Register<ConfigValue>)
  | ({ readonly kind: 'target'; readonly name: string } & Register<TargetValue>)
  | ({ readonly kind: 'freeze'; readonly name: string } & Register<boolean>)
  | ({ readonly kind: 'off'; readonly name: string } & Register<ConfirmOffValue>)
  /** Failed states of the service's instances that are older than this write are over. */
  | ({ readonly kind: 'clear'; readonly name: string } & Register<true>)

export type RegisterKind = RegisterEntry['kind']

/** `kind/name`: the key of a register in maps, digests and the store. */
export type RegisterKey = `${RegisterKind}/${string}`

export const registerKey = (entry: { readonly kind: RegisterKind; readonly name: string }): RegisterKey =>
  `${entry.kind}/${entry.name}`

/** A register value to be written: it gets its stamp where it is written. */
export type RegisterWrite =
  | { readonly kind: 'config'; readonly name: string; readonly value: ConfigValue }
  | { readonly kind: 'cluster'; readonly name: 'cluster'; readonly value: ConfigValue }
  | { readonly kind: 'target'; readonly name: string; readonly value: TargetValue }
  | { readonly kind: 'freeze'; readonly name: string; readonly value: boolean }
  | { readonly kind: 'off'; readonly name: string; readonly value: ConfirmOffValue }
  | { readonly kind: 'clear'; readonly name: string; readonly value: true }
