import { fail, ok, type Result } from '../../../core/result.js'
import type { ResourceAction } from '../../../core/service.js'
import { resourceEnvironment } from '../../../resources/kit/environment.js'
import type { Context } from '../../../resources/driver.js'
import { logFailure, runCommand, type CommandFrame } from './run-command.js'
import { probeResources } from './probe.js'
import type { Node } from './view.js'

/** A requirement that names this state is never met: the resource is passed over instead. */
const IMPOSSIBLE = 'impossible'

/**
 * `start_requires = fs#1(up,stdby up)`: is every resource that this action needs in a state that it asks for? The value tells whether the
 * action is to be skipped; a requirement that is not met refuses it.
 */
export async function requirements(
  ctx: Context,
  action: ResourceAction,
  node: Node,
): Promise<Result<'go' | 'skip'>> {
  const { service, resource } = ctx
  for (const requirement of resource.requires.filter((one) => one.action === action)) {
    if (requirement.states.includes(IMPOSSIBLE)) return ok('skip')
    const other = service.resources.find((one) => one.rid === requirement.rid)
    if (other === undefined)
      return fail('UNKNOWN', `${action}_requires names ${requirement.rid}, which is not there`)
    const probes = await probeResources(service, [other], ctx.generation, node)
    const status = probes[other.rid]?.status ?? 'undef'
    if (requirement.states.includes(status)) continue
    const wanted = requirement.states.join(' or ')
    return fail(
      'CONFLICT',
      `${action} is refused: ${other.rid} is ${status}, and ${action}_requires wants it ${wanted}`,
    )
  }
  return ok('go')
}

/** Runs the operator's commands around an action. A blocking one that fails ends the action; another one is only logged. */
export async function triggers(
  ctx: Context,
  when: 'pre' | 'post',
  action: ResourceAction,
  frame: CommandFrame,
): Promise<Result<void>> {
  const own = ctx.resource.triggers.filter((one) => one.when === when && one.action === action)
  const inOrder = [...own.filter((one) => !one.blocking), ...own.filter((one) => one.blocking)]
  for (const trigger of inOrder) {
    const env = resourceEnvironment(ctx, action)
    const ran = await runCommand({ kind: 'command', argv: trigger.command, env }, frame)
    if (ran.ok) continue
    const name = `${trigger.blocking ? 'blocking_' : ''}${when}_${action}`
    const error = { ...ran.error, message: `${name}: ${ran.error.message}` }
    if (trigger.blocking || error.code === 'ABORTED') return { ok: false, error }
    logFailure(error, 'error', frame.log)
  }
  return ok(undefined)
}
