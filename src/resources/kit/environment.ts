import type { Context } from '../driver.js'

/**
 * What every command that is run for a resource finds in its environment: LONGSHORE_NODE, _SERVICE, _RID, _ACTION, _GENERATION (empty where
 * unknown), and the service's `env` section as LONGSHORE_ENV_*.
 */
export function resourceEnvironment(ctx: Context, action: string): Readonly<Record<string, string>> {
  const own = Object.entries(ctx.service.env).map(([name, value]) => [
    `LONGSHORE_ENV_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`,
    value,
  ])
  return {
    LONGSHORE_NODE: ctx.node,
    LONGSHORE_SERVICE: ctx.service.name,
    LONGSHORE_RID: ctx.resource.rid,
    LONGSHORE_ACTION: action,
    LONGSHORE_GENERATION: ctx.generation === null ? '' : String(ctx.generation),
    ...Object.fromEntries(own),
  }
}
