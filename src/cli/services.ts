import { fail, ok, type Result } from '../core/result.js'
import { isPlain, select } from '../core/selector.js'
import type { ClusterStatus } from '../daemon/api/contract.js'
import type { Call } from './command.js'
import { refuse, show } from './output.js'

/** Names of the services that were selected. A plain name is taken as it is: the daemon says whether it knows it. */
export async function chosen(call: Call): Promise<Result<readonly string[]>> {
  if (isPlain(call.selector)) return ok([call.selector])
  const status = await call.client.get<ClusterStatus>('/api/status')
  return status.ok ? chosenAmong(call.selector, status.value) : status
}

/** The same, where the status is at hand; then a name that is not there is a failure. None at all is one too. */
export function chosenAmong(selector: string, status: ClusterStatus): Result<readonly string[]> {
  const names = select(
    selector,
    status.services.map((service) => service.name),
  )
  if (!names.ok || names.value.length > 0) return names
  return fail('UNKNOWN', `no service matches '${selector}': see 'svcmon' for those there are`)
}

/** A service by its name alone, for commands that make one. */
export function oneName(selector: string): Result<string> {
  if (isPlain(selector)) return ok(selector)
  return fail('INVALID', `'${selector}' selects services; here the name of one is needed`)
}

/** What became of one of several services. */
export interface Outcome {
  readonly service: string
  readonly ok: boolean
  readonly message: string
}

/**
 * Acts on each of these, the others too where one fails. Exit code 1 where any failed. In the other formats a plain name prints its
 * outcome alone, a pattern a list.
 */
export async function onAll(
  call: Call,
  names: readonly string[],
  act: (name: string) => Promise<Result<{ readonly message: string }>>,
): Promise<number> {
  const outcomes: Outcome[] = []
  for (const service of names) {
    const result = await act(service)
    const message = result.ok ? result.value.message : result.error.message
    outcomes.push({ service, ok: result.ok, message })
    if (!result.ok) refuse(call.terminal, result.error)
    else if (call.format === 'table') call.terminal.out(`${message}\n`)
  }
  if (call.format !== 'table') await show(call, oneOrAll(call, outcomes), () => [])
  return outcomes.every((each) => each.ok) ? 0 : 1
}

/** The shape depends on what was typed, never on what was found. */
export function oneOrAll<T>(call: Call, values: readonly T[]): T | readonly T[] | null {
  return isPlain(call.selector) ? (values[0] ?? null) : values
}
