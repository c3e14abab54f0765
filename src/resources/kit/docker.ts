import { z } from 'zod'
import { ok, type Result } from '../../core/result.js'
import { parseJson, parseJsonLines } from './json.js'

/** A container, as much of `docker inspect` as the agent wants to know. */
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
  /** Id of the image, and the name by which it was asked for. */
  readonly imageId: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly namespaces: ContainerNamespaces
  /** Mount point of the network namespace; empty where it has none of its own. */
  readonly sandboxKey: string
  readonly autoRemove: boolean
  readonly config: ContainerConfig
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** As the engine writes them: `none`, `host`, `container:<id>`, or empty for one of its own. */
export interface ContainerNamespaces {
  readonly net: string
  readonly pid: string
  readonly ipc: string
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

/** Answer of `docker inspect --type container --format '{{json .}}' ID …`. */
export function parseContainers(text: string): Result<readonly Container[]> {
  const parsed = parseJsonLines(text, Inspected, 'docker inspect')
  return parsed.ok ? ok(parsed.value.map(toContainer)) : parsed
}

/** Answer of the engine's `/containers/json`. */
export function parseContainerIds(text: string): Result<readonly string[]> {
  const parsed = parseJson(text, z.array(z.object({ Id: z.string() })), 'docker')
  return parsed.ok ? ok(parsed.value.map(({ Id }) => Id)) : parsed
}

const NEVER = '0001-01-01T00:00:00Z'

const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  State: z.object({
    Status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
    Pid: z.number(),
    ExitCode: z.number(),
    Error: z.string(),
    StartedAt: z.string(),
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    PidMode: z.string(),
    IpcMode: z.string(),
    UTSMode: z.string(),
    UsernsMode: z.string(),
    Privileged: z.boolean(),
    ReadonlyRootfs: z.boolean(),
    AutoRemove: z.boolean(),
  }),
  Config: z.object({
    Hostname: z.string(),
    User: z.string(),
    Tty: z.boolean(),
    OpenStdin: z.boolean(),
    Image: z.string(),
    Entrypoint: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  NetworkSettings: z.object({ SandboxKey: z.string() }),
})

function toContainer(inspected: z.infer<typeof Inspected>): Container {
  const { State, HostConfig, Config } = inspected
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    state: State.Status,
    pid: State.Pid,
    exitCode: State.ExitCode,
    error: State.Error,
    startedAtWallMs: State.StartedAt === NEVER ? null : Date.parse(State.StartedAt),
    imageId: inspected.Image,
    image: Config.Image,
    labels: Config.Labels ?? {},
    namespaces: {
      net: HostConfig.NetworkMode,
      pid: HostConfig.PidMode,
      ipc: HostConfig.IpcMode,
      uts: HostConfig.UTSMode,
      user: HostConfig.UsernsMode,
    },
    sandboxKey: inspected.NetworkSettings.SandboxKey,
    autoRemove: HostConfig.AutoRemove,
    config: {
      hostname: Config.Hostname,
      user: Config.User,
      tty: Config.Tty,
      interactive: Config.OpenStdin,
      privileged: HostConfig.Privileged,
      readOnly: HostConfig.ReadonlyRootfs,
      entrypoint: Config.Entrypoint ?? [],
    },
  }
}

/** Answer of `docker image inspect --format '{{json .}}' IMAGE`, and of the engine's `/images/IMAGE/json`: the image's id. */
export function parseImageId(text: string): Result<string> {
  const parsed = parseJson(text, z.object({ Id: z.string() }), 'docker image inspect')
  return parsed.ok ? ok(parsed.value.Id) : parsed
}
