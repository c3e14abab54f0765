import type { TargetEnd } from '../../core/register.js'
import type { Result } from '../../core/result.js'
import type { TargetAnswer } from '../../daemon/api/contract.js'
import type { Call } from '../command.js'
import type { EventStream } from '../events.js'
import { refuse, show } from '../output.js'
import { clean } from '../render/paint.js'
import { oneOrAll } from '../services.js'
import { PROGRESS_KINDS, settle, waits, type Pending, type Settled } from './settle.js'

/** What became of the request for one service. */
interface Asked {
  readonly service: string
  readonly ok: boolean
  readonly message: string
  readonly target: { readonly id: string; readonly name: string } | null
  readonly end?: TargetEnd
}

/**
 * Sets a target state for each service, says so, and where the command waits follows them to their ends. The stream is opened before
 * anything is asked for, so that no end can slip through.
 */
export async function pursue(
  call: Call,
  services: readonly string[],
  timeMs: number | null,
  ask: (service: string) => Promise<Result<TargetAnswer>>,
): Promise<number> {
  const stream = waits(call) ? await call.client.follow(PROGRESS_KINDS) : null
  if (stream !== null && !stream.ok) return refuse(call.terminal, stream.error)
  const asked = await askAll(call, services, ask)
  const all = stream === null ? asked : await followUp(call, stream.value, asked, timeMs)
  if (call.format !== 'table') await show(call, oneOrAll(call, all.map(plainOutcome)), () => [])
  if (all.some((each) => each.interrupted === true)) return 130
  return all.every((each) => each.ok) ? 0 : 1
}

type Outcome = Asked & { readonly interrupted?: boolean }

const plainOutcome = ({ interrupted: _interrupted, ...rest }: Outcome): Asked => rest

async function askAll(
  call: Call,
  services: readonly string[],
  ask: (service: string) => Promise<Result<TargetAnswer>>,
): Promise<readonly Outcome[]> {
  const asked: Outcome[] = []
  for (const service of services) {
    const answer = await ask(service)
    if (!answer.ok) {
      refuse(call.terminal, answer.error)
      asked.push({ service, ok: false, message: answer.error.message, target: null })
      continue
    }
    if (call.format === 'table') call.terminal.out(`${answer.value.message}\n`)
    asked.push({ service, ok: true, ...answer.value })
  }
  return asked
}

async function followUp(
  call: Call,
  stream: EventStream,
  asked: readonly Outcome[],
  timeMs: number | null,
): Promise<readonly Outcome[]> {
  const pending = asked.flatMap((each): Pending[] =>
    each.target === null ? [] : [{ service: each.service, ...each.target }],
  )
  const begunMs = performance.now()
  const settled = await settle(call, stream, pending, timeMs)
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1)
  if (settled.interrupted) {
    call.terminal.err("not waiting any longer; the action goes on ('om SERVICE abort' ends it)\n")
  }
  return asked.map((each) => conclude(call, each, settled, seconds))
}

function conclude(call: Call, each: Outcome, settled: Settled, seconds: string): Outcome {
  if (each.target === null) return each
  const end = settled.ends.get(each.target.id)
  const what = `service ${each.service} target state ${each.target.name}`
  if (end?.how === 'met') {
    const how = `${call.paint('good', 'met')}${end.why === '' ? '' : `: ${clean(end.why)}`}`
    if (call.format === 'table') call.terminal.out(`${what} ${how} (${seconds} s)\n`)
    return { ...each, end }
  }
  if (settled.interrupted && end === undefined) return { ...each, ok: false, interrupted: true }
  const why = end === undefined ? (settled.gaveUp ?? 'no end was seen') : `${end.how}: ${end.why}`
  const message =
    end === undefined ? `${what}: ${why}; see 'om ${each.service} print status'` : `${what} ${why}`
  refuse(call.terminal, { code: 'CONFLICT', message })
  return { ...each, ok: false, message, ...(end === undefined ? {} : { end }) }
}
