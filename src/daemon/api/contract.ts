// The types that clients of the API use. Requests and answers are JSON; the event stream is server-sent events, one JSON a `data:` line.
import type { TargetEnd } from '../../core/register.js'
import type { TargetAction } from '../../core/request/target.js'
import type { Failure } from '../../core/result.js'
import type { HistoryEntry, LogEntry } from '../ports.js'

export type * from './contract-status.js'

/** `POST /api/services`: create, and where asked provision and start. */
export interface CreateRequest {
  /** One service's configuration as YAML, JSON or INI text. */
  readonly name: string
  readonly text: string
  readonly env: Readonly<Record<string, string>>
  readonly deploy: boolean
  /** What the text is called in messages: a file's path. Default: standard input. */
  readonly source?: string
}

/** `POST /api/services/NAME/target` */
export interface TargetRequest {
  readonly action: TargetAction
  readonly node?: string
  /** Milliseconds until the target ends failed; default from the cluster configuration. */
  readonly timeMs?: number
}

/** `POST /api/services/NAME/local`: an action on this node's instance alone. With `dryRun` the answer is a `PlanAnswer`. */
export interface LocalRequest {
  readonly action: 'start' | 'stop' | 'restart' | 'provision' | 'unprovision' | 'freeze' | 'thaw'
  readonly selection: Selection
  readonly dryRun?: boolean
}

/** Narrows an action to some resources; empty lists and nulls narrow nothing. */
export interface Selection {
  readonly rids: readonly string[]
  readonly tags: readonly string[]
  readonly subsets: readonly string[]
  readonly upto: string | null
  readonly downto: string | null
  readonly force: boolean
}

/** Answer to a request that sets a target. `target` null: nothing to do, `message` says why (`already so`). */
export interface TargetAnswer {
  readonly target: { readonly id: string; readonly name: string } | null
  readonly message: string
}

/** Answer to a local action, given when it ended. */
export interface LocalAnswer {
  readonly action: string
  readonly message: string
}

/** `GET /api/services/NAME/plan?action=switch&node=…`: what a dry run prints. */
export interface PlanAnswer {
  readonly nodes: readonly NodePlan[]
}

export interface NodePlan {
  readonly node: string
  readonly action: string
  readonly steps: readonly PlannedStep[]
  /** Why this node could not do it, in sentences: a missing tool, a missing kernel feature. */
  readonly obstacles: readonly string[]
}

export interface PlannedStep {
  readonly rid: string
  /** As the operator could type it, or words for what is no command. */
  readonly text: string
}

/** `GET /api/services/NAME/config` */
export interface ConfigAnswer {
  readonly name: string
  readonly version: string
  readonly text: string
}

/** `POST /api/services/NAME/config` and `POST /api/cluster/config`: keyword operations, or a whole text. */
export interface ConfigRequest {
  readonly set?: readonly string[]
  readonly unset?: readonly string[]
  readonly text?: string
  /** What the text is called in messages: a file's path. Default: standard input. */
  readonly source?: string
  /** The version that the edit started from; another one in force refuses it. */
  readonly base?: string
  /** Check only. */
  readonly validateOnly?: boolean
}

/** Answer to `POST …/config`. `changed` false: the text in force says so already, or it was only checked. */
export interface ConfigChange {
  readonly version: string
  readonly changed: boolean
  readonly message: string
}

/** Answer where there is nothing to say but a sentence: node, cluster and daemon requests. */
export interface MessageAnswer {
  readonly message: string
}

/** `POST /api/node/{freeze,thaw,drain,confirm-off,fence}`; a drain is answered at once, and its end is seen in the status. */
export interface NodeRequest {
  readonly node: string
}

/** `POST /api/cluster/init` */
export interface InitRequest {
  readonly name: string
  readonly addresses?: readonly string[]
}

/** Answer to `POST /api/cluster/token`. */
export interface TokenAnswer {
  readonly token: string
  readonly message: string
}

export interface HistoryAnswer {
  readonly entries: readonly HistoryEntry[]
}

export interface LogsAnswer {
  readonly entries: readonly LogEntry[]
  /** Nodes that did not answer. */
  readonly missing: readonly string[]
}

/** `GET /api/node/check` */
export interface CheckAnswer {
  readonly node: string
  readonly tools: readonly ToolCheck[]
  readonly features: readonly {
    readonly name: string
    readonly present: boolean
    readonly sentence: string
  }[]
}

export interface ToolCheck {
  readonly command: string
  readonly package: string
  readonly neededBy: readonly string[]
  readonly path: string | null
  readonly version: string | null
}

/** What goes over `GET /api/events`. */
export type ApiEvent =
  /** Something that `GET /api/status` shows has changed. At most one each 20 ms. */
  | { readonly kind: 'changed'; readonly services: readonly string[] }
  | { readonly kind: 'log'; readonly entry: LogEntry }
  | {
      readonly kind: 'target'
      readonly service: string
      readonly id: string
      readonly name: string
      readonly end: TargetEnd | null
    }
  | {
      readonly kind: 'progress'
      readonly service: string
      readonly node: string
      readonly rid: string
      readonly action: string
      readonly state: 'begun' | 'done' | 'failed' | 'rolled back'
    }

/** Every answer that is not 2xx. */
export interface ErrorAnswer {
  readonly error: Failure
}

/** HTTP status of a failure. */
export function httpStatus(code: Failure['code']): 400 | 403 | 404 | 409 | 500 | 503 {
  switch (code) {
    case 'INVALID':
      return 400
    case 'FORBIDDEN':
      return 403
    case 'UNKNOWN':
      return 404
    case 'CONFLICT':
    case 'ABORTED':
      return 409
    case 'UNAVAILABLE':
      return 503
    case 'EXEC_FAILED':
    case 'EXEC_TIMEOUT':
    case 'EXEC_STUCK':
    case 'NOT_EFFECTIVE':
    case 'INTERNAL':
      return 500
  }
}
