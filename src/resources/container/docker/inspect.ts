import { z } from 'zod'
import { ok, type Result } from '../../../core/result.js'
import { parseJson, parseJsonLines } from '../../kit/json.js'
import type { Container } from '../engine/container.js'

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
