import { z } from 'zod'
import { ok, type Result } from '../../../core/result.js'
import { parseJson } from '../../kit/json.js'
import { UNSEEN_END, type Container, type ContainerState } from '../engine/container.js'

/** A container with the process that watches over it: 0 where it does not run. */
export interface PodmanContainer extends Container {
  readonly conmonPid: number
}

/** Answer of `podman inspect --type container NAME …`, which has those that there are; empty where it could not begin. */
export function parseContainers(text: string): Result<readonly PodmanContainer[]> {
  if (text.trim() === '') return ok([])
  const parsed = parseJson(text, z.array(Inspected), 'podman inspect')
  return parsed.ok ? ok(parsed.value.map(toContainer)) : parsed
}

/** Answer of `podman image inspect IMAGE`: the image's id; null where there is none. */
export function parseImageId(text: string): Result<string | null> {
  const parsed = parseJson(text, z.array(z.object({ Id: z.string() })), 'podman image inspect')
  return parsed.ok ? ok(parsed.value[0]?.Id ?? null) : parsed
}

/** Podman 5, of a container whose conmon was gone before it. */
const UNKNOWN = -1

const NEVER = '0001-01-01T00:00:00Z'

const STATES = [
  'created',
  'initialized',
  'running',
  'paused',
  'stopping',
  'stopped',
  'removing',
  'exited',
  'unknown',
] as const

// Podman 4 has the entry point as one text, podman 5 as words.
const words = z.union([z.array(z.string()), z.string()]).nullish()

const Inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Image: z.string(),
  ImageName: z.string(),
  State: z.object({
    Status: z.enum(STATES),
    Pid: z.number(),
    ConmonPid: z.number().optional(),
    ExitCode: z.number(),
    Error: z.string().optional(),
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
    Entrypoint: words,
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  NetworkSettings: z.object({ SandboxKey: z.string() }).nullish(),
})

type Told = z.infer<typeof Inspected>

function toContainer(told: Told): PodmanContainer {
  const { State, HostConfig, Config } = told
  const startedAtWallMs = State.StartedAt === NEVER ? null : Date.parse(State.StartedAt)
  return {
    id: told.Id,
    name: told.Name,
    ...stateOf(told, startedAtWallMs !== null),
    pid: State.Pid,
    conmonPid: State.ConmonPid ?? 0,
    error: State.ExitCode === UNKNOWN ? '' : (State.Error ?? ''),
    startedAtWallMs,
    imageId: told.Image,
    image: told.ImageName,
    labels: Config.Labels ?? {},
    namespaces: {
      net: HostConfig.NetworkMode,
      pid: HostConfig.PidMode,
      // podman 4 says the same of the node's one and of one of its own
      ipc: HostConfig.IpcMode === 'shareable' ? null : HostConfig.IpcMode,
      uts: HostConfig.UTSMode,
      // root's containers have the node's one unless something else was asked for
      user: HostConfig.UsernsMode === '' ? 'host' : HostConfig.UsernsMode,
    },
    sandboxKey: told.NetworkSettings?.SandboxKey ?? '',
    autoRemove: HostConfig.AutoRemove,
    config: {
      hostname: Config.Hostname,
      user: Config.User,
      tty: Config.Tty,
      interactive: Config.OpenStdin,
      privileged: HostConfig.Privileged,
      readOnly: HostConfig.ReadonlyRootfs,
      entrypoint: wordsOf(Config.Entrypoint),
    },
  }
}

const wordsOf = (entrypoint: Told['Config']['Entrypoint']): readonly string[] =>
  typeof entrypoint === 'string' ? entrypoint.split(' ').filter((word) => word !== '') : (entrypoint ?? [])

/** `created` though it ran: the node went down with it, and podman found what it knew of its state gone. */
function stateOf({ State }: Told, ran: boolean): { state: ContainerState; exitCode: number } {
  const exitCode = State.ExitCode === UNKNOWN ? UNSEEN_END : State.ExitCode
  switch (State.Status) {
    case 'created':
      return ran ? { state: 'exited', exitCode: UNSEEN_END } : { state: 'created', exitCode }
    case 'stopping':
      return { state: 'running', exitCode }
    case 'stopped':
      return { state: 'exited', exitCode }
    case 'unknown':
      return { state: 'dead', exitCode }
    case 'initialized':
    case 'running':
    case 'paused':
    case 'removing':
    case 'exited':
      return { state: State.Status, exitCode }
  }
}
