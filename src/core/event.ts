import type { ClusterConfig } from './cluster.js'
import type { Load, NodeDocument, NodeState, ResourceMessage } from './document.js'
import type { Intent } from './intent.js'
import type { Acknowledgement } from './reduce/voting.js'
import type { RegisterEntry, Stamp } from './register.js'
import type { Service } from './service.js'
import type { Status } from './status.js'
import type { Pledge } from './voting.js'
import type { AddressCheck, Order } from './world.js'

/** When an event is handled, and the chance that goes with it. */
export interface Moment {
  readonly nowMs: number
  readonly wallMs: number
  readonly random: number
}

/** Everything that can happen to a node. */
export type Event =
  /** A date in the world has come. */
  | { readonly kind: 'wake' }
  /** A beat of a peer arrived. */
  | { readonly kind: 'beat'; readonly peer: string; readonly path: string; readonly pledge: Pledge | null }
  /** A sign of life of a peer arrived on a path that carries nothing else. */
  | { readonly kind: 'pulse'; readonly peer: string; readonly path: string }
  /** A voter answered one of this node's beats. */
  | ({ readonly kind: 'acknowledged' } & Acknowledgement)
  /** A peer has the same registers as this node. */
  | { readonly kind: 'in step'; readonly peer: string }
  /** A node's document, from itself or passed on. */
  | { readonly kind: 'document'; readonly document: NodeDocument }
  /** Registers, written here or received. */
  | { readonly kind: 'registers'; readonly entries: readonly RegisterEntry[] }
  /** A configuration was parsed: good, or refused with `problem` (the last good one stays). */
  | {
      readonly kind: 'configured'
      readonly name: string
      readonly service: Service | null
      readonly problem: string | null
    }
  | { readonly kind: 'deleted'; readonly name: string }
  /** `version`: the stamp of the configuration. */
  | { readonly kind: 'cluster'; readonly cluster: ClusterConfig; readonly version: Stamp }
  /** Resources were looked at. */
  | { readonly kind: 'probed'; readonly probes: readonly InstanceProbe[] }
  /** The first probe of everything after a daemon start is complete. */
  | { readonly kind: 'probing ended' }
  /** One resource was looked at in the course of an action. */
  | {
      readonly kind: 'resource seen'
      readonly service: string
      readonly rid: string
      readonly seen: ResourceProbe
    }
  /** The order to power a node off is over: confirmed, or failed. */
  | { readonly kind: 'fenced'; readonly node: string; readonly off: boolean; readonly detail: string }
  /** Everything exclusive was seen released; the action goes on with what holds nothing. */
  | { readonly kind: 'released'; readonly service: string; readonly id: string }
  | {
      readonly kind: 'action ended'
      readonly service: string
      readonly id: string
      readonly outcome: ActionOutcome
    }
  | {
      readonly kind: 'addresses checked'
      readonly service: string
      readonly claim: number
      readonly result: Exclude<AddressCheck['result'], 'asked'>
      readonly detail: string
    }
  | { readonly kind: 'ordered'; readonly service: string; readonly order: Order }
  /** Nobody waits for it any more. */
  | { readonly kind: 'order dropped'; readonly service: string; readonly id: string }
  /** This node itself was looked at. */
  | { readonly kind: 'node seen'; readonly seen: NodeSight }
  /** This node stops taking part: no new actions. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'node state'; readonly state: NodeState }
  /** A decision takes effect in the world, in the turn in which it was made. `id` names the action it begins. */
  | { readonly kind: 'decided'; readonly intent: Intent; readonly id: string }

/** Its load, or what of its own protection does not work. */
export type NodeSight = { readonly load: Load } | { readonly gaps: readonly string[] }

/** One service's resources after a look, with the configuration version that the look was made with. */
export interface InstanceProbe {
  readonly service: string
  readonly version: string
  readonly resources: Readonly<Record<string, ResourceProbe>>
}

export interface ResourceProbe {
  readonly status: Status
  readonly label: string
  readonly messages: readonly ResourceMessage[]
  /** Null where the driver has no opinion. */
  readonly provisioned: boolean | null
  readonly released: boolean
}

export interface ActionOutcome {
  readonly ok: boolean
  /** One sentence, where not ok. */
  readonly failure: string | null
  readonly aborted: boolean
  /** A look at every resource after the action; after a preparation that went well, at those that it had to do with. */
  readonly probe: InstanceProbe
}
