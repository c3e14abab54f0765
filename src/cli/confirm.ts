import { fail, ok, type Result } from '../core/result.js'
import type { Call } from './command.js'

/** Says what is at stake and asks. Anything but yes is a no. */
export async function confirmed(call: Call, stake: string): Promise<Result<void>> {
  const answer = await call.terminal.ask(`${stake} Go on? [y/N] `)
  if (/^y(es)?$/i.test(answer.trim())) return ok(undefined)
  return fail('ABORTED', 'nothing was done')
}
