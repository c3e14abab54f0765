import { fail, ok, type Result } from '../../../core/result.js'
import type { Act, Context, DoStep } from '../../driver.js'
import { engineFor } from '../engines.js'
import { isAlive } from './container.js'
import { namespacesOf } from './namespaces.js'
import { look, type Seen } from './seen.js'

/**
 * An engine that starts the containers on which one depends would start another resource's: refused where that one does not run. The others
 * refuse it themselves.
 */
export function holderSteps(ctx: Context, seen: Seen): readonly DoStep[] {
  if (!engineFor(ctx.resource).bindsSharers || idleHolder(ctx, seen) === null) return []
  return [{ kind: 'do', text: 'checking whose namespace it shares', run: (act) => mayStart(ctx, act) }]
}

async function mayStart(ctx: Context, act: Act): Promise<Result<void>> {
  const seen = await look(ctx, act.look())
  if (!seen.ok) return seen
  const idle = idleHolder(ctx, seen.value)
  if (idle === null) return ok(undefined)
  return fail(
    'CONFLICT',
    `${ctx.resource.rid} shares a namespace of ${idle}, which does not run: start it first ` +
      `(om ${ctx.service.name} start --local --rid ${idle})`,
  )
}

/** The resource whose container holds a namespace for this one and does not run; null where all do. */
function idleHolder(ctx: Context, seen: Seen): string | null {
  const idle = namespacesOf(ctx.resource).find(({ keyword }) => {
    const holder = seen.holders[keyword]
    return holder !== undefined && (holder === null || !isAlive(holder))
  })
  return idle?.value ?? null
}
