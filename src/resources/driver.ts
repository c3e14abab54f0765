import type { Failure, Result } from '../core/result.js'
import type { ResourceMessage } from '../core/document.js'
import type { Group, Resource, Service } from '../core/service.js'
import type { Status } from '../core/status.js'
import type { Clock, EngineSocket, Exec, ExecResult, Files, Severing } from '../daemon/ports.js'
import type { Keyword } from '../spec/keyword.js'
import type { Known } from './known.js'
import type { Look } from './look.js'

/**
 * A kind of resource. `Seen` is what the driver knows after a look at the node; everything that it would do follows from that, so
 * `status`, `start`, `stop`, `provision` and `unprovision` are pure: they return steps, the action runner carries them out, and looks
 * again afterwards. Success is what the second look shows.
 */
export interface Driver<Seen> {
  readonly group: Group
  readonly type: string
  /** Without the keywords common to all resources. */
  readonly keywords: readonly Keyword[]
  /** Commands that it needs, and the Debian package of each. */
  readonly tools: readonly Tool[]
  /** Features of the kernel, or of what is installed: asked at `om node check`, at start and before a deploy. */
  readonly features?: readonly Feature[]
  /** Which event streams tell that this resource may have changed. */
  readonly events: readonly EventSource[]
  /** `xfs /dev/db1/data@/srv/db1/data` */
  label(ctx: Context): string
  /**
   * What tells the thing that it acts on from another one, where the label is not that: two configurations in which it is the same text speak of the
   * same thing, and what one of them started is seen and stopped by the other. Default: the label.
   */
  identity?(ctx: Context): string
  /** Looks at the node. Never changes it. */
  look(ctx: Context, look: Look): Promise<Result<Seen>>
  /**
   * The look behind this resource's own start or stop, where it can be had for less: what its steps cannot have changed is taken from what was seen
   * before them. Default: `look`.
   */
  again?(ctx: Context, before: Seen, look: Look): Promise<Result<Seen>>
  status(ctx: Context, seen: Seen): Report
  /** Steps from what is seen to up. None where it is up already. */
  start(ctx: Context, seen: Seen): readonly Step[]
  /** Steps from what is seen, however half done, to released. Serves as undo after a failed start. */
  stop(ctx: Context, seen: Seen): readonly Step[]
  /** Steps that make the thing itself (format, volume group) where it is not there yet; `leader` false: what a follower needs. */
  provision?(ctx: Context, seen: Seen, leader: boolean): readonly Step[]
  unprovision?(ctx: Context, seen: Seen, leader: boolean): readonly Step[]
  /** Null where provisioning does not apply. */
  provisioned?(ctx: Context, seen: Seen): boolean | null
  /**
   * Which other node has it, as this one sees: `the tag of node1`. A node that provisions what is its own leaves such a thing alone, however the
   * configuration reads. Null where nobody has it.
   */
  elsewhere?(ctx: Context, seen: Seen): string | null
  /** What can be done while another node still has the service up: pull an image. */
  prepare?(ctx: Context, seen: Seen): readonly Step[]
  /** Begun with the start action, beside earlier resources, and awaited just before this one's own start: the ARP probe. */
  early?(ctx: Context, seen: Seen): Step | null
  /** Removes what is in the way of a start and holds nothing; done beside the resources before, where there are any. */
  clear?(ctx: Context, seen: Seen): readonly Step[]
  /** Released, however its aggregate status may read: nothing of it is held on this node. Default: status is not up or warn. */
  released?(ctx: Context, seen: Seen): boolean
  /**
   * What ends it by force, done by the guard while this daemon hangs or is gone: commands, or what the guard does itself
   * (`@kill NAME=VALUE`, `@umount POINT`, `@address DEVICE IP`, `@address-inside NAME=VALUE IP`, `@loop FILE`, `@while PATH COMMAND …`). From the configuration alone: nothing
   * can be looked up then. Done where there is nothing to be done, it succeeds.
   */
  sever?(ctx: Context): readonly Severing[]
  /** Milliseconds in which the second look, after the steps, may still show the old state. Default 0: it shows the result at once. */
  readonly settleMs?: number
  /** For dry runs: what would be seen on a node where the resource is up, or down. */
  assume(ctx: Context, state: 'up' | 'down'): Seen
}

export interface Report {
  readonly status: Status
  readonly messages: readonly ResourceMessage[]
}

export interface Tool {
  readonly command: string
  readonly package: string
}

/** `probe` is a file that exists, or a command that succeeds, where the feature is there. */
export interface Feature {
  readonly name: string
  readonly probe: (io: DriverPorts) => Promise<boolean>
  /** Which resources of the driver need it. Default: all. */
  readonly neededBy?: (resource: Resource) => boolean
  /** Completes "this node cannot run …: ": what is missing and what to do. */
  readonly sentence: string
}

/** `docker` and `podman`: containers of theirs. */
export type EventSource = 'mounts' | 'docker' | 'podman' | 'addresses'

export type Step = CommandStep | DoStep

/** A command, logged as the operator could run it. */
export interface CommandStep {
  readonly kind: 'command'
  readonly argv: readonly string[]
  /** Default: the action's time limit. */
  readonly timeoutMs?: number
  /** Accepted exit codes; default [0]. */
  readonly okExits?: readonly number[]
  readonly env?: Readonly<Record<string, string>>
  /** A failure is logged and the next step runs, unless the action's time is over or it was ended. */
  readonly tolerate?: boolean
  /**
   * What it removes holds nothing: where a whole service stops, this step waits until everything exclusive is released, and keeps no other
   * node waiting.
   */
  readonly afterRelease?: true
  readonly input?: string
  readonly uid?: number
  readonly gid?: number
  readonly cwd?: string
}

/** Anything else: a file written, a wait, commands that depend on what earlier ones answered. */
export interface DoStep {
  readonly kind: 'do'
  /** What the log and a dry run show; for commands not yet known in full, with the unknown part as `<pid of container#0>`. */
  readonly text: string
  /** The log leaves the text out: what is run in it is logged by itself. */
  readonly toldByCommands?: true
  /** It only says why nothing can be done. */
  readonly refuses?: true
  readonly run: (act: Act) => Promise<Result<void, Failure>>
}

/** What a `do` step may use. Every command belongs to the action's process groups and obeys its abort. */
export interface Act {
  readonly io: DriverPorts
  readonly signal: AbortSignal
  /** Monotonic milliseconds at which the action's time is over. */
  readonly deadlineMs: number
  /** Runs a command, logged. */
  command(argv: readonly string[], options?: Omit<CommandStep, 'kind' | 'argv'>): Promise<Result<ExecResult>>
  /** Runs a command whose result the step itself judges, and which it tells of by its own text; `changes`: see `ExecOptions`. */
  ask(
    argv: readonly string[],
    options?: { readonly timeoutMs?: number; readonly changes?: true },
  ): Promise<ExecResult>
  log(level: ResourceMessage['level'], text: string): void
  /** A look that remembers nothing older than this call. */
  look(): Look
  sleep(ms: number): Promise<void>
}

export interface DriverPorts {
  readonly exec: Exec
  /** Absent: the engine is asked by its command. */
  readonly engine?: EngineSocket
  readonly files: Files
  readonly clock: Clock
  /** Absent: everything is asked afresh. */
  readonly known?: Known
}

/** One resource on this node. */
export interface Context {
  readonly service: Service
  readonly resource: Resource
  readonly node: string
  readonly io: DriverPorts
  /** Memory-backed directory that a boot empties: `/run/longshore`. */
  readonly runDir: string
  /** `/var/lib/longshore` */
  readonly varDir: string
  /** All that is under way, this resource among others, ends within that many milliseconds. Absent: it has its own time. */
  readonly withinMs?: number
  /** Generation of the running or starting instance: in containers' labels, tags and environments. Null where unknown. */
  readonly generation: number | null
}

/** A driver whose `Seen` does not matter to the caller: the value of its own `look` goes back into its other methods. */
export type AnyDriver = Driver<unknown>

/** Keyword values by type; the schema guarantees the type, so a wrong one is a bug and throws. */
export function textOf(resource: Resource, keyword: string): string | null {
  const value = resource.keywords[keyword] ?? null
  if (value === null || typeof value === 'string') return value
  throw new TypeError(`${resource.rid}.${keyword} is not text`)
}

/** A keyword that validation has made sure of; throws where it is not set. */
export function requiredText(resource: Resource, keyword: string): string {
  const value = textOf(resource, keyword)
  if (value === null) throw new TypeError(`${resource.rid}.${keyword} is not set`)
  return value
}

/** Is the keyword true? Unset is false. */
export function flagOf(resource: Resource, keyword: string): boolean {
  return resource.keywords[keyword] === true
}

/** A keyword's number: milliseconds, bytes or a count, as its type says; null where it is not set. */
export function numberOf(resource: Resource, keyword: string): number | null {
  const value = resource.keywords[keyword] ?? null
  if (value === null || typeof value === 'number') return value
  throw new TypeError(`${resource.rid}.${keyword} is not a number`)
}

/** A keyword's words; none where it is not set. */
export function listOf(resource: Resource, keyword: string): readonly string[] {
  const value = resource.keywords[keyword] ?? null
  if (value === null) return []
  if (Array.isArray(value)) return value as readonly string[]
  throw new TypeError(`${resource.rid}.${keyword} is not a list`)
}
