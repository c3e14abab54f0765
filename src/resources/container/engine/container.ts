/** A container, as much as the agent wants to know of what an engine tells. */
export interface Container {
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  readonly state: ContainerState
  /** In the node's process namespace; 0 where it does not run. */
  readonly pid: number
  readonly exitCode: number
  /** What the engine said when it could not run it; empty otherwise. */
  readonly error: string
  /** When its first process last began, in wall milliseconds; null where it never ran. */
  readonly startedAtWallMs: number | null
  /** Id of the image, and the name by which it was asked for, as the engine tells it. */
  readonly imageId: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly namespaces: ContainerNamespaces
  /** Mount point of the network namespace; empty where it has none of its own. */
  readonly sandboxKey: string
  readonly autoRemove: boolean
  readonly config: ContainerConfig
}

/**
 * `initialized`: it is set up, with a process that waits for the word to begin. `unseen`: it has ended, and the engine, which nobody told, takes
 * it for running.
 */
export type ContainerState =
  'created' | 'initialized' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'unseen' | 'dead'

/** As the engine writes them: `none`, `host`, `container:<id>`, or empty for one of its own; null where it does not tell. */
export interface ContainerNamespaces {
  readonly net: string
  readonly pid: string
  readonly ipc: string | null
  readonly uts: string
  readonly user: string
}

export interface ContainerConfig {
  readonly hostname: string
  readonly user: string
  readonly tty: boolean
  readonly interactive: boolean
  readonly privileged: boolean
  readonly readOnly: boolean
  readonly entrypoint: readonly string[]
}

/** Its processes exist, running or frozen. */
export const isAlive = ({ state }: Container): boolean =>
  state === 'running' || state === 'paused' || state === 'restarting' || state === 'initialized'

/** It could not be run, or ended with an error that is not that of a stop (143: SIGTERM, 137: SIGKILL). */
export function endedBadly({ state, exitCode, error }: Container): boolean {
  if (state === 'created') return error !== ''
  if (state !== 'exited' && state !== 'dead' && state !== 'unseen') return false
  return exitCode !== 0 && exitCode !== 143 && exitCode !== 137
}

/** The code of a container that was found gone when the engine began, or looked: nothing is wrong with the container itself. */
export const UNSEEN_END = 255

/** Nobody saw how it ended. */
export const wentDownWithEngine = ({ state, exitCode, error }: Container): boolean =>
  (state === 'exited' || state === 'unseen') && exitCode === UNSEEN_END && error === ''
