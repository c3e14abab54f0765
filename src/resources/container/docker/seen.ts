import { ok, type Result } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import { requiredText, type Context } from '../../driver.js'
import { type Container } from '../../kit/docker.js'
import type { Look } from '../../look.js'
import { engineOf, imageIdOf, lastLinesOf } from './engine.js'
import { LABEL } from './labels.js'
import { holderOf, namespacesOf } from './namespaces.js'

/** What is known of one container resource after a look. */
export interface Seen {
  /** Why the engine does not answer, where it is known that nothing runs; null where it answers. */
  readonly silent: string | null
  readonly container: Container | null
  /** Id of the image that the configuration names now; null where it is not on this node, undefined where nobody knows. */
  readonly imageId: string | null | undefined
  /** By keyword (`netns`, `pidns`, …): the container that holds the namespace; null where it is not there. */
  readonly holders: Readonly<Record<string, Container | null>>
  /** What it wrote last, where it ended with an error. */
  readonly lastLines: readonly string[]
}

/** The container and its image as the engine tells them; a silent engine is an answer, not an error. */
export async function look(ctx: Context, look: Look): Promise<Result<Seen>> {
  const image = requiredText(ctx.resource, 'image')
  const [engine, imageId] = await Promise.all([engineOf(look, ctx.service), imageIdOf(look, image)])
  if (!engine.ok) return engine
  if (engine.value.kind === 'silent') return ok({ ...NOTHING, silent: engine.value.why })
  const { containers } = engine.value
  const container = containerOf(containers, ctx.service.name, ctx.resource.rid, nameOf(ctx))
  return ok({
    silent: null,
    container,
    imageId,
    holders: holders(ctx, containers),
    lastLines: container !== null && endedBadly(container) ? await lastLinesOf(look, container.id) : [],
  })
}

const NOTHING: Seen = { silent: null, container: null, imageId: undefined, holders: {}, lastLines: [] }

export const nameOf = (ctx: Context): string => requiredText(ctx.resource, 'name')

/** The container of a resource: by its labels, so that a new `name` does not lose sight of the old one. What runs comes first. */
function containerOf(
  containers: readonly Container[],
  service: string,
  rid: string,
  name: string,
): Container | null {
  const own = containers.filter(
    ({ labels }) => labels[LABEL.service] === service && labels[LABEL.rid] === rid,
  )
  return own.find(isAlive) ?? own.find((container) => container.name === name) ?? own[0] ?? null
}

function holders(ctx: Context, containers: readonly Container[]): Readonly<Record<string, Container | null>> {
  const found = namespacesOf(ctx.resource).flatMap(({ keyword, value }) => {
    const holder = holderOf(ctx.service, value)
    return holder === null
      ? []
      : [[keyword, containerOfResource(containers, ctx.service, holder.rid)] as const]
  })
  return Object.fromEntries(found)
}

/** The container of another resource of the service. */
export function containerOfResource(
  containers: readonly Container[],
  service: Service,
  rid: string,
): Container | null {
  const resource = service.resources.find((candidate) => candidate.rid === rid)
  return resource === undefined
    ? null
    : containerOf(containers, service.name, rid, requiredText(resource, 'name'))
}

/** Its processes exist, running or frozen. */
export const isAlive = (container: Container): boolean =>
  container.state === 'running' || container.state === 'paused' || container.state === 'restarting'

/** It could not be run, or ended with an error that is not that of `docker stop` (143: SIGTERM, 137: SIGKILL). */
export function endedBadly(container: Container): boolean {
  if (container.state === 'created') return container.error !== ''
  if (container.state !== 'exited' && container.state !== 'dead') return false
  return container.exitCode !== 0 && container.exitCode !== 143 && container.exitCode !== 137
}

/** The engine gives this code to what it finds gone when it starts: nothing is wrong with the container itself. */
export const wentDownWithEngine = (container: Container): boolean =>
  container.state === 'exited' && container.exitCode === 255 && container.error === ''

/** For dry runs. */
export function assume(ctx: Context, state: 'up' | 'down'): Seen {
  return { ...NOTHING, container: state === 'up' ? assumedContainer(ctx) : null }
}

function assumedContainer(ctx: Context): Container {
  const name = nameOf(ctx)
  return {
    id: name,
    name,
    state: 'running',
    pid: 0,
    exitCode: 0,
    error: '',
    startedAtWallMs: 0,
    imageId: '',
    image: requiredText(ctx.resource, 'image'),
    labels: { [LABEL.service]: ctx.service.name, [LABEL.rid]: ctx.resource.rid },
    namespaces: { net: '', pid: '', ipc: '', uts: '', user: '' },
    sandboxKey: '',
    autoRemove: false,
    config: {
      hostname: '',
      user: '',
      tty: false,
      interactive: false,
      privileged: false,
      readOnly: false,
      entrypoint: [],
    },
  }
}
