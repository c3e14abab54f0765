import { fail, ok, type Result } from '../../../core/result.js'
import {
  flagOf,
  numberOf,
  requiredText,
  textOf,
  type Act,
  type CommandStep,
  type Context,
  type Step,
} from '../../driver.js'
import type { Container } from '../../kit/docker.js'
import { bindSteps } from './binds.js'
import { lostNamespace } from './drift.js'
import { runCommand, stopSeconds } from './run-arguments.js'
import { isAlive, look, nameOf, type Seen } from './seen.js'

/** What makes the container run, from what was seen; nothing where it runs already. */
export function startSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null) return run(ctx, seen)
  const lost = lostNamespace(ctx, seen, container) !== null
  if (isAlive(container)) {
    if (lost) return [...endSteps(ctx, container), remove(container), ...run(ctx, seen)]
    return container.state === 'paused' ? [command(['docker', 'unpause', container.id])] : []
  }
  if (startsAgain(ctx, seen, container))
    return [...bindSteps(ctx), command(['docker', 'start', container.name])]
  return [remove(container), ...run(ctx, seen)]
}

/** What a container that is down leaves in the way of the next one. By its id: the name may be another one's by then. */
export function clearSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null || isAlive(container) || startsAgain(ctx, seen, container)) return []
  return [{ ...remove({ ...container, name: container.id }), tolerate: true }]
}

/** A container that is kept is the same one at its next start. */
function startsAgain(ctx: Context, seen: Seen, container: Container): boolean {
  const lost = lostNamespace(ctx, seen, container) !== null
  return !flagOf(ctx.resource, 'rm') && container.state === 'exited' && !lost
}

function run(ctx: Context, seen: Seen): readonly Step[] {
  return [...pulls(ctx, seen), ...bindSteps(ctx), command(runCommand(ctx))]
}

/** What another node's running instance does not mind. */
export function prepareSteps(ctx: Context, seen: Seen): readonly Step[] {
  const runs = seen.container !== null && isAlive(seen.container)
  return seen.silent !== null || runs ? [] : pulls(ctx, seen)
}

/** An image that is there is not asked for again, unless the policy says so: the registry may be out of reach. */
function pulls(ctx: Context, seen: Seen): readonly Step[] {
  switch (textOf(ctx.resource, 'image_pull_policy')) {
    case 'always':
      return [pull(ctx)]
    case 'never':
      return []
    default:
      return seen.imageId === null ? [pull(ctx)] : []
  }
}

function pull(ctx: Context): CommandStep {
  const timeoutMs = numberOf(ctx.resource, 'pull_timeout') ?? DEFAULT_PULL_MS
  return { kind: 'command', argv: ['docker', 'pull', requiredText(ctx.resource, 'image')], timeoutMs }
}

const DEFAULT_PULL_MS = 120_000

/** What ends the container, and removes it where it is not kept. */
export function stopSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null) return []
  const gone = isAlive(container) && container.autoRemove
  return [
    ...(isAlive(container) ? endSteps(ctx, container) : []),
    ...(flagOf(ctx.resource, 'rm') && !gone && container.state !== 'removing'
      ? [{ ...remove(container), afterRelease: true as const }]
      : []),
  ]
}

/** `docker rm`; a half-made or half-removed container needs force. */
function remove(container: Container): CommandStep {
  const force = container.state === 'dead' || container.state === 'removing' ? ['--force'] : []
  return command(['docker', 'rm', ...force, container.name])
}

const command = (argv: readonly string[]): CommandStep => ({ kind: 'command', argv })

/**
 * The engine sends SIGTERM, and SIGKILL when the container's own time is over; it answers once the container is down. What that does not
 * reach is killed.
 */
function endSteps(ctx: Context, container: Container): readonly Step[] {
  const seconds = stopSeconds(ctx)
  return [
    {
      kind: 'command',
      argv: ['docker', 'stop', '-t', String(seconds), container.id],
      timeoutMs: seconds * 1000 + ENGINE_MS,
      tolerate: true,
    },
    { kind: 'do', text: 'wait for down status', run: (act) => waitDown(ctx, act, container) },
  ]
}

/** From SIGKILL to the engine's answer. */
const ENGINE_MS = 5_000

async function waitDown(ctx: Context, act: Act, container: Container): Promise<Result<void>> {
  if (await isGone(act, container)) return ok(undefined)
  await act.command(['docker', 'kill', container.id], { tolerate: true, timeoutMs: ENGINE_MS })
  for (let tries = 0; tries < DOWN_TRIES && !act.signal.aborted; tries += 1) {
    if ((await isGone(act, container)) || (await isDown(ctx, act))) return ok(undefined)
    await act.sleep(DOWN_POLL_MS)
  }
  return fail(
    'EXEC_TIMEOUT',
    `container ${container.name} still runs after docker stop and docker kill: look at process ${container.pid}`,
  )
}

const DOWN_TRIES = 10
const DOWN_POLL_MS = 300

/** Asked of the kernel: its first process took all others of its process namespace with it. */
const isGone = async (act: Act, container: Container): Promise<boolean> =>
  container.pid > 0 && (await act.io.files.stat(`/proc/${container.pid}`)) === null

async function isDown(ctx: Context, act: Act): Promise<boolean> {
  const seen = await look(ctx, act.look())
  return seen.ok && (seen.value.container === null || !isAlive(seen.value.container))
}

/** For `docker` words in messages. */
export const restartCommand = (ctx: Context): string =>
  `om ${ctx.service.name} restart --local --rid ${ctx.resource.rid}`

export const nameAndImage = (ctx: Context): string => `${nameOf(ctx)}@${requiredText(ctx.resource, 'image')}`
