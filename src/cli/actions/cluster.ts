import type { InitRequest, MessageAnswer, TokenAnswer } from '../../daemon/api/contract.js'
import type { Result } from '../../core/result.js'
import type { Action, Call } from '../command.js'
import { durationOption } from '../options.js'
import { refuse, show } from '../output.js'

/** Making keys, or talking with another node, takes its time. */
const LIMIT_MS = 60_000

export const init: Action = async (call) => {
  const request: InitRequest = { name: call.arguments[0] ?? 'default', ...addressesOf(call) }
  return say(call, await call.client.post<MessageAnswer>('/api/cluster/init', request, LIMIT_MS))
}

/** The token alone on standard output, so that `$(om cluster token)` is one; what to do with it on standard error. */
export const token: Action = async (call) => {
  const answer = await call.client.post<TokenAnswer>('/api/cluster/token', {}, LIMIT_MS)
  if (!answer.ok) return refuse(call.terminal, answer.error)
  await show(call, answer.value, () => [answer.value.token])
  if (call.format === 'table' && call.terminal.isTerminal) call.terminal.err(`${answer.value.message}\n`)
  return 0
}

export const join: Action = (call) =>
  slowly(call, '/api/cluster/join', { token: call.arguments[0], ...addressesOf(call) })

export const leave: Action = (call) => slowly(call, '/api/cluster/leave', {})

/** Of this node, where the daemon shall not find them itself. */
function addressesOf(call: Call): { readonly addresses?: readonly string[] } {
  const addresses = call.options.list('address')
  return addresses.length === 0 ? {} : { addresses }
}

async function slowly(call: Call, path: string, body: unknown): Promise<number> {
  const time = durationOption(call.options, 'time')
  if (!time.ok) return refuse(call.terminal, time.error)
  return say(call, await call.client.post<MessageAnswer>(path, body, time.value ?? LIMIT_MS))
}

async function say(call: Call, answer: Result<MessageAnswer>): Promise<number> {
  if (!answer.ok) return refuse(call.terminal, answer.error)
  await show(call, answer.value, () => [answer.value.message])
  return 0
}
