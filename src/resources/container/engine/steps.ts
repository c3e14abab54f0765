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
import { engineFor } from '../engines.js'
import { bindSteps } from './binds.js'
import { isAlive, type Container } from './container.js'
import { lostNamespace } from './drift.js'
import { holderSteps } from './holder.js'
import { LABEL } from './labels.js'
import { runCommand, stopSeconds } from './run-arguments.js'
import { look, nameOf, type Seen } from './seen.js'

/** What makes the container run, from what was seen; nothing where it runs already. */
export function startSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null) return run(ctx, seen)
  const lost = lostNamespace(ctx, seen, container) !== null
  if (isAlive(container)) {
    if (lost || container.state === 'initialized')
      return [...endSteps(ctx, container), ...remove(ctx, seen, container), ...run(ctx, seen)]
    return container.state === 'paused' ? [command(ctx, 'unpause', container.id)] : []
  }
  if (startsAgain(ctx, seen, container)) {
    return [...holderSteps(ctx, seen), ...bindSteps(ctx), command(ctx, 'start', container.name)]
  }
  return [...remove(ctx, seen, container), ...run(ctx, seen)]
}

/** What a container that is down leaves in the way of the next one. By its id: the name may be another one's by then. */
export function clearSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null || isAlive(container) || startsAgain(ctx, seen, container)) return []
  if (seen.sharers.length > 0) return []
  return remove(ctx, seen, { ...container, name: container.id }).map((step) => ({ ...step, tolerate: true }))
}

/** A container that is kept is the same one at its next start; so is one that the engine would not remove since others depend on it. */
function startsAgain(ctx: Context, seen: Seen, container: Container): boolean {
  const lost = lostNamespace(ctx, seen, container) !== null
  const needed = seen.sharers.some((sharer) => isAlive(sharer) || isKept(ctx, sharer))
  return (needed || !flagOf(ctx.resource, 'rm')) && container.state === 'exited' && !lost
}

function run(ctx: Context, seen: Seen): readonly Step[] {
  return [
    ...pulls(ctx, seen),
    ...holderSteps(ctx, seen),
    ...bindSteps(ctx),
    { kind: 'command', argv: runCommand(ctx) },
  ]
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
  return { ...command(ctx, 'pull', requiredText(ctx.resource, 'image')), timeoutMs }
}

const DEFAULT_PULL_MS = 120_000

/** What ends the container, and removes it where it is not kept. */
export function stopSteps(ctx: Context, seen: Seen): readonly Step[] {
  const { container } = seen
  if (container === null) return []
  const gone = isAlive(container) && container.autoRemove
  return [
    ...(isAlive(container) ? endSteps(ctx, container) : []),
    ...(flagOf(ctx.resource, 'rm') &&
    !gone &&
    container.state !== 'removing' &&
    !seen.sharers.some((sharer) => isKept(ctx, sharer))
      ? removeAlone(ctx, seen, container).map((step) => ({ ...step, afterRelease: true as const }))
      : []),
  ]
}

/** Does one that shares the container's namespaces outlive its stop? The others are removed before it, where they are stopped, too. */
function isKept({ service }: Context, sharer: Container): boolean {
  const resource = service.resources.find(({ rid }) => rid === sharer.labels[LABEL.rid])
  return resource === undefined || !flagOf(resource, 'rm')
}

/** Without those that share its namespaces: where one is there yet it stays for the next start. */
function removeAlone(ctx: Context, seen: Seen, container: Container): readonly CommandStep[] {
  const steps = remove(ctx, { ...seen, sharers: [] }, container)
  return seen.sharers.length === 0 ? steps : steps.map((step) => ({ ...step, tolerate: true as const }))
}

/**
 * `docker rm`; a half-made or half-removed container needs force. Where others depend on it they go with it, since its namespace, which they
 * share, is gone for good.
 */
function remove(ctx: Context, { sharers }: Seen, container: Container): readonly CommandStep[] {
  const broken = ['dead', 'removing', 'unseen'].includes(container.state)
  const force = broken || sharers.length > 0 ? ['--force'] : []
  const depend = sharers.length > 0 ? ['--depend'] : []
  return [
    // the engine looks for what it is to stop, and learns that it is gone
    ...(container.state === 'unseen'
      ? [{ ...command(ctx, 'stop', '-t', '0', container.name), tolerate: true }]
      : []),
    command(ctx, 'rm', ...force, ...depend, container.name),
  ]
}

const command = ({ resource }: Context, ...words: readonly string[]): CommandStep => ({
  kind: 'command',
  argv: [engineFor(resource).name, ...words],
})

/**
 * The engine sends SIGTERM, and SIGKILL when the container's own time is over; it answers once the container is down. What that does not
 * reach is killed.
 */
function endSteps(ctx: Context, container: Container): readonly Step[] {
  const seconds = stopSeconds(ctx)
  const frozen = container.state === 'paused' && !engineFor(ctx.resource).stopsPaused
  return [
    ...(frozen ? [{ ...command(ctx, 'unpause', container.id), tolerate: true }] : []),
    {
      ...command(ctx, 'stop', '-t', String(seconds), container.id),
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
  const engine = engineFor(ctx.resource).name
  await act.command([engine, 'kill', container.id], { tolerate: true, timeoutMs: ENGINE_MS })
  for (let tries = 0; tries < DOWN_TRIES && !act.signal.aborted; tries += 1) {
    if ((await isGone(act, container)) || (await isDown(ctx, act))) return ok(undefined)
    await act.sleep(DOWN_POLL_MS)
  }
  return fail(
    'EXEC_TIMEOUT',
    `container ${container.name} still runs after ${engine} stop and ${engine} kill: look at process ${container.pid}`,
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

export const restartCommand = (ctx: Context): string =>
  `om ${ctx.service.name} restart --local --rid ${ctx.resource.rid}`

export const nameAndImage = (ctx: Context): string => `${nameOf(ctx)}@${requiredText(ctx.resource, 'image')}`
