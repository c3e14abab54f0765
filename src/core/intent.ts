import type { ClaimName, Precedence } from './document.js'
import type { TargetEnd } from './register.js'
import type { InstanceAction, OrderSelection } from './world.js'

/** What a node wants done, each with its reason in words. */
export type Intent = { readonly why: string } & (
  | {
      readonly do: 'claim'
      readonly service: string
      readonly generation: number
      readonly precedence: Precedence
    }
  /** The claim goes; none is written again before `againAtMs`. */
  | { readonly do: 'withdraw'; readonly service: string; readonly againAtMs: number }
  /** Every exclusive resource was seen released: the place is given up. */
  | { readonly do: 'release'; readonly service: string }
  | ActIntent
  /** Ends a running action: its commands are killed, a start is rolled back. */
  | { readonly do: 'abort'; readonly service: string; readonly id: string }
  /** Asks whether anybody answers for the service's addresses, as evidence for the claim written at `claim`. */
  | {
      readonly do: 'check addresses'
      readonly service: string
      readonly claim: number
      /** The holder gave the addresses up by its own word: only somebody else could answer. */
      readonly handover?: true
    }
  /** Has a peer powered off by its fencing agent. */
  | { readonly do: 'fence'; readonly node: string }
  /** Shows in the instance's monitor state what it waits for. */
  | {
      readonly do: 'wait'
      readonly service: string
      readonly state: 'idle' | 'wait parents' | 'wait children' | 'wait priors'
    }
  | { readonly do: 'end target'; readonly service: string; readonly id: string; readonly end: TargetEnd }
  | { readonly do: 'freeze'; readonly name: string }
  /** An operator's word that a node is off is void: it was heard. */
  | { readonly do: 'void off'; readonly node: string }
  | { readonly do: 'delete config'; readonly service: string }
  | { readonly do: 'drop order'; readonly service: string; readonly id: string }
  /** This voter acknowledges the node no more, for that claim. */
  | { readonly do: 'evict'; readonly node: string; readonly claim: ClaimName }
  /** Those claims are over. */
  | { readonly do: 'end eviction'; readonly node: string; readonly over: readonly ClaimName[] }
  /** Nothing is held any more: a new lease may begin. */
  | { readonly do: 'end lapse' }
  /** This node's list of peers that it hears. */
  | { readonly do: 'hear'; readonly hears: readonly string[] }
  | { readonly do: 'forget former member'; readonly service: string; readonly node: string }
  | { readonly do: 'end boot hold' }
  | { readonly do: 'reboot'; readonly service: string; readonly how: 'reboot' | 'crash' }
)

/** An action on this node's instance. `generation` is set where the action begins the holding of the place. */
export interface ActIntent {
  readonly why: string
  readonly do: 'act'
  readonly service: string
  readonly action: InstanceAction
  readonly generation: number | null
  /** Provisioning: does this node make the shared things? */
  readonly leader: boolean
  readonly target: string | null
  readonly order: string | null
  readonly selection: OrderSelection | null
  readonly origin: 'daemon' | 'user'
  /** The addresses of the service were asked for under the claim that this action was granted by, and nobody answered. */
  readonly addressesSilent: boolean
  /** In-place restart of single resources. */
  readonly restart: boolean
  /** It is the service's `monitor_action`: `pre_monitor_action` runs before. */
  readonly monitorAction: boolean
  /** Something went wrong that should not be possible: the log warns. */
  readonly grave?: true
  /** A stop by force: addresses go first, and no other node's readiness is waited for. */
  readonly forced?: true
  /** All of it ends within that many milliseconds, done or not. */
  readonly withinMs?: number
  /** Why this node shall not be chosen again once it is stopped; null where it may. */
  readonly giveUp: string | null
}

/** Decisions, and the next date at which to decide again without an event. */
export interface Decision {
  readonly intents: readonly Intent[]
  /** Monotonic milliseconds; null: only events matter. */
  readonly wakeAtMs: number | null
  /** The same without what is about no single service (`houseWakes`): those dates move with every beat. */
  readonly servicesWakeAtMs: number | null
  /** One sentence a service: what is waited for, or why nothing is done. Only where there is something to say. */
  readonly notes: Readonly<Record<string, string>>
}
