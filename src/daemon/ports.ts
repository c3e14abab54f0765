import type { Result } from '../core/result.js'

/** Monotonic milliseconds for durations, wall milliseconds for people only. */
export interface Clock {
  nowMs(): number
  wallMs(): number
  /** Calls back once, at or after `atMs` (monotonic). */
  at(atMs: number, callback: () => void): Cancel
}

export type Cancel = () => void

export interface Rng {
  /** In [0, 1). */
  random(): number
  /** 128 random bits in hexadecimal. */
  id(): string
}

/** How a child process is run. Nothing here ever goes through a shell. */
export interface ExecOptions {
  /** After this, counted from the call, the whole process group gets SIGKILL. */
  readonly timeoutMs: number
  /** Asked right before the command begins, which is later than the call where others begin first: where it may not, it ends as aborted. */
  readonly mayBegin?: () => boolean
  /** It may change something: where this daemon is killed the next one ends it from its begin on, and not only once it has lasted for 100 ms. */
  readonly changes?: true
  readonly input?: string
  /** Added to a minimal environment (PATH, LC_ALL=C). */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** Ends the command like a timeout does. */
  readonly signal?: AbortSignal
  /** More output than this is cut in the middle, and said so. Default 1 MiB a stream. */
  readonly maxOutputBytes?: number
}

/** `stuck`: it outlived SIGKILL by five seconds and was left behind; `missing`: there is no such command. */
export type ExecOutcome = 'exited' | 'signalled' | 'timeout' | 'aborted' | 'stuck' | 'missing'

export interface ExecResult {
  readonly argv: readonly string[]
  readonly outcome: ExecOutcome
  /** Exit code, or -1 where there is none. */
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

export interface Exec {
  /** Never rejects. */
  run(argv: readonly string[], options: ExecOptions): Promise<ExecResult>
  /** A long-lived child whose lines are events (`docker events`, `podman events`, `ip monitor`); `onEnd` is called once. */
  follow(argv: readonly string[], onLine: (line: string) => void, onEnd: (result: ExecResult) => void): Cancel
  /** Starts a process in a session of its own that outlives the daemon. The value is its pid. */
  detach(
    argv: readonly string[],
    options: Omit<ExecOptions, 'timeoutMs' | 'mayBegin' | 'changes' | 'input' | 'signal'>,
  ): Promise<Result<number>>
}

/**
 * Docker's own interface on this node (https://docs.docker.com/reference/api/engine/), for questions alone: it answers in a tenth of the time that the
 * docker command takes to begin.
 */
export interface EngineSocket {
  /** `/containers/json?all=true`. A failure where nobody answers within the time; an error of the engine is an answer. */
  get(path: string, timeoutMs: number): Promise<Result<EngineAnswer>>
}

export interface EngineAnswer {
  /** HTTP status. */
  readonly status: number
  readonly body: string
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'block' | 'character' | 'link' | 'other'
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Major and minor of a device. */
  readonly rdev: number
  readonly modifiedWallMs: number
}

/** Files of this node. Paths are absolute. A failure's message names path and reason. */
export interface Files {
  read(path: string): Promise<Result<string>>
  /** Whole file, atomically: temporary file, fsync, rename, fsync of the directory. */
  write(path: string, text: string, mode?: number): Promise<Result<void>>
  /** Null where there is nothing. Follows links. */
  stat(path: string): Promise<FileStat | null>
  list(path: string): Promise<Result<readonly string[]>>
  /** With parents. */
  makeDirectory(path: string, mode?: number): Promise<Result<void>>
  /** A file or an empty directory; nothing there is fine. */
  remove(path: string): Promise<Result<void>>
  chmod(path: string, mode: number): Promise<Result<void>>
  chown(path: string, uid: number, gid: number): Promise<Result<void>>
  realpath(path: string): Promise<Result<string>>
  /** A sparse file of that many bytes. */
  truncate(path: string, bytes: number): Promise<Result<void>>
  /** Calls back when something in a directory changes, with its name; null: anything in it may have changed. */
  watch(path: string, callback: (name: string | null) => void): Cancel
}

export interface LogEntry {
  readonly wallMs: number
  readonly node: string
  readonly service: string | null
  readonly rid: string | null
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  /** Ties the lines of one action together. */
  readonly action: string | null
}

export interface LogQuery {
  readonly service?: string
  readonly rid?: string
  readonly level?: LogEntry['level']
  readonly sinceWallMs?: number
  readonly limit: number
}

/** Synced to disk before it returns. */
export interface Store {
  get(key: string): string | null
  put(key: string, value: string): void
  /** All at once or not at all. A null value removes the key. */
  putAll(entries: readonly { readonly key: string; readonly value: string | null }[]): void
  /** Entries whose key begins with `prefix`, in key order. */
  list(prefix: string): readonly { readonly key: string; readonly value: string }[]
  /** Log lines need not be synced. */
  appendLog(entries: readonly LogEntry[]): void
  queryLog(query: LogQuery): readonly LogEntry[]
  trimLog(olderThanWallMs: number, keepLines: number): void
  /** Every accepted version of a configuration, newest first. */
  history(name: string): readonly HistoryEntry[]
  addHistory(name: string, entry: HistoryEntry): void
  close(): void
}

export interface HistoryEntry {
  readonly version: string
  readonly wallMs: number
  readonly author: string
  readonly node: string
  readonly text: string | null
}

/** Where operators' and the daemon's own lines go besides the store. */
export interface Log {
  write(entry: LogEntry): void
}

/** Readiness and liveness towards the service manager. */
export interface Notify {
  ready(): void
  /** Ends the feeding of a watchdog. Nothing of it is under way once this is over: the next daemon would seem to have said it. */
  stopping(): Promise<void>
}

/** Facts of this node that do not change while the daemon runs, and its load. */
export interface Sys {
  readonly hostname: string
  readonly machineId: string
  readonly bootId: string
  load(): Promise<import('../core/document.js').Load>
}

/**
 * Messages to and from peers. A path is one address pair; each is beaten on separately. Delivery is in order within a path while its
 * connection lasts, and not guaranteed.
 */
export interface PeerLinks {
  /** Sends on one path; false where it is not connected or its queue is full. */
  send(path: string, text: string): boolean
  /** Closes a path and tells the peer why; it is dialled again, ever more slowly. */
  drop(path: string, why: string): void
  close(): void
}

export interface PeerLinkEvents {
  /** `protocol`: the highest version that both sides speak. */
  onUp(path: PeerPath, protocol: number): void
  onDown(path: PeerPath, why: string): void
  onMessage(path: PeerPath, text: string): void
}

export interface PeerPath {
  readonly id: string
  readonly peer: string
  readonly address: string
}

/** How late the process gets to what is due, in milliseconds. */
export interface DelayFigures {
  readonly p99Ms: number
  readonly maxMs: number
}

export interface LoopDelay {
  /** Since it was taken last. */
  take(): DelayFigures
}

/** A sign of life that says nothing else: the sender's intervals since its start, counted. */
export interface Pulse {
  readonly node: string
  readonly incarnation: number
  readonly round: number
}

/** A heartbeat path that carries signs of life alone: a disk, datagrams. */
export interface PulseLine {
  /** Returns at once; what the path cannot take is lost. */
  beat(pulse: Pulse): void
  close(): void
}

/** All of them that the cluster's configuration names. */
export interface PulseLinks extends PulseLine {
  /** The configuration has changed. */
  configure(): void
}

/** What ends one thing by force: the words of a command, or of what the guard does itself (`@kill NAME=VALUE`, `@umount POINT`, …). */
export type Severing = readonly string[]

export interface GuardTerms {
  /** Time in which everything held can be ended by force. */
  readonly stopMaxMs: number
  readonly selfFence: 'stop' | 'reboot' | 'watchdog'
  /** Null where none is wanted. */
  readonly watchdog: GuardWatchdog | null
}

export interface GuardWatchdog {
  /** `/dev/watchdog` */
  readonly device: string
  /** It resets the machine so long after it was fed last: whole seconds. */
  readonly periodMs: number
  /** Fed for so long after the end of the lease, while anything is still held. */
  readonly graceMs: number
}

/** What a guard knew when this daemon began. */
export interface GuardMemory {
  /** Monotonic milliseconds: the end of the lease of the daemon before this one. */
  readonly leaseEndsMs: number
  readonly held: readonly string[]
}

/**
 * The process beside this one that ends what is held once the lease is over, whatever becomes of this one. It is begun where it is not there, and
 * again when it dies; what it was told is told to the next one.
 */
export interface Guard {
  /** Of a guard that an earlier daemon left; null where there was none. What it holds it goes on holding until it is released. */
  readonly memory: GuardMemory | null
  /** It is wanted from now on, on these terms. */
  watch(terms: GuardTerms): void
  /** Monotonic milliseconds. An earlier end than one told before counts for nothing. */
  extend(leaseEndsMs: number): void
  /** What ends a service, in order. Told again, it replaces what was told before. */
  hold(service: string, how: readonly Severing[]): void
  release(service: string): void
  /** What it said on these terms when it took a service last, where it did not take it. */
  readonly refusal: string | null
  /** Why it does not run, where it could not be begun. */
  readonly failure: string | null
  /** What the guard that runs has to do without, in its words, so that it may be late or ended. Nothing of one from before that was told. */
  readonly lacks: readonly string[]
  /** Has the guard confirmed that it would end the service? */
  holds(service: string): boolean
  /** Resolves once it has, or after that many milliseconds; did it? */
  held(service: string, timeoutMs: number): Promise<boolean>
  /** Lets go of everything: nothing is ended any more, and the guard may go. */
  dismiss(): void
  /** What the guard ended, and what went wrong with it, in words. */
  onEvent(listener: (event: GuardEvent) => void): void
}

export type GuardEvent =
  | { readonly kind: 'severed'; readonly service: string }
  | { readonly kind: 'trouble'; readonly message: string }
