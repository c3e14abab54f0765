import { requiredText, type CommandStep, type Context } from '../../driver.js'

// A volume group carries the name of the node that uses it, and the generation of the instance. On the command line a tag may have an `@` in
// front, which is not part of it (lvm(8)).

const GENERATION = 'longshore.generation='

export const owns = (ctx: Context, tags: readonly string[]): boolean => tags.includes(ctx.node)

/** Other members of the service whose name it carries: left by a crash, or by a stop that did not get that far. */
export const foreignOwners = (ctx: Context, tags: readonly string[]): readonly string[] =>
  tags.filter((tag) => tag !== ctx.node && ctx.service.nodes.includes(tag))

/** Commands that make this node the owner. */
export function takeTags(ctx: Context, tags: readonly string[]): readonly CommandStep[] {
  const generation = ctx.generation === null ? null : `${GENERATION}${ctx.generation}`
  const old = tags.filter((tag) => tag.startsWith(GENERATION) && tag !== generation)
  const away = [...foreignOwners(ctx, tags).map((tag) => `@${tag}`), ...old]
  const own = [
    ...(owns(ctx, tags) ? [] : [`@${ctx.node}`]),
    ...(generation === null || tags.includes(generation) ? [] : [generation]),
  ]
  return [...change(ctx, '--deltag', away), ...change(ctx, '--addtag', own)]
}

/** Commands that end this node's ownership. */
export const releaseTags = (ctx: Context, tags: readonly string[]): readonly CommandStep[] =>
  owns(ctx, tags)
    ? change(ctx, '--deltag', [`@${ctx.node}`, ...tags.filter((tag) => tag.startsWith(GENERATION))])
    : []

function change(
  ctx: Context,
  option: '--addtag' | '--deltag',
  tags: readonly string[],
): readonly CommandStep[] {
  if (tags.length === 0) return []
  const argv = ['vgchange', ...tags.flatMap((tag) => [option, tag]), requiredText(ctx.resource, 'name')]
  return [{ kind: 'command', argv }]
}
