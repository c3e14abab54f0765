import { ok, type Result } from '../../../core/result.js'
import type { Service } from '../../../core/service.js'
import { requiredText, type Context } from '../../driver.js'
import type { Look } from '../../look.js'
import { engineFor } from '../engines.js'
import { endedBadly, isAlive, type Container } from './container.js'
import { engineOf, imageIdKnown, imageIdOf, lastLinesOf } from './engine.js'
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
  /** Those that share its namespaces, dead or alive, where the engine minds: it cannot be removed before them. */
  readonly sharers: readonly Container[]
  /** What it wrote last, where it ended with an error. */
  readonly lastLines: readonly string[]
}

/** The container and its image as the engine tells them; a silent engine is an answer, not an error. */
export async function look(ctx: Context, look: Look): Promise<Result<Seen>> {
  const image = requiredText(ctx.resource, 'image')
  const engine = engineFor(ctx.resource)
  const known = imageIdKnown(look, engine, image)
  const [told, asked] = await Promise.all([
    engineOf(look, engine, ctx.service),
    known ?? imageIdOf(look, engine, image),
  ])
  if (!told.ok) return told
  if (told.value.kind === 'silent') return ok({ ...NOTHING, silent: told.value.why })
  const { containers } = told.value
  const container = containerOf(containers, ctx.service.name, ctx.resource.rid, nameOf(ctx))
  // It may have been made of a newer image of that name than the one that is remembered.
  const isDoubtful = known !== undefined && container !== null && container.imageId !== known
  const imageId = isDoubtful ? await imageIdOf(look, engine, image) : asked
  return ok({
    silent: null,
    container,
    imageId,
    holders: holders(ctx, containers),
    sharers: container === null || !engine.bindsSharers ? [] : sharersOf(container, containers),
    lastLines:
      container !== null && endedBadly(container) ? await lastLinesOf(look, engine, container.id) : [],
  })
}

const NOTHING: Seen = {
  silent: null,
  container: null,
  imageId: undefined,
  holders: {},
  sharers: [],
  lastLines: [],
}

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

function sharersOf({ id }: Container, containers: readonly Container[]): readonly Container[] {
  return containers.filter(({ namespaces }) => Object.values(namespaces).includes(`container:${id}`))
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
