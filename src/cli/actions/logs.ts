import { ok, type Result } from '../../core/result.js'
import type { ClusterStatus, LogsAnswer } from '../../daemon/api/contract.js'
import type { LogEntry } from '../../daemon/ports.js'
import type { Query } from '../client.js'
import type { Action, Call } from '../command.js'
import { refuse } from '../output.js'
import { chosen } from '../services.js'
import { followLog, LogPrinter } from './logs-follow.js'
import { isWanted, wantedOf, type Wanted } from './logs-wanted.js'

/** What happened to the services, on all their nodes. */
export const serviceLogs: Action = async (call) => {
  const names = await chosen(call)
  return names.ok ? logs(call, names.value, call.options.text('node')) : refuse(call.terminal, names.error)
}

/** What happened on a node, whatever it concerned. */
export const nodeLogs: Action = async (call) => {
  const status = await call.client.get<ClusterStatus>('/api/status')
  if (!status.ok) return refuse(call.terminal, status.error)
  return logs(call, null, call.options.text('node') ?? status.value.node)
}

async function logs(call: Call, services: readonly string[] | null, node: string | null): Promise<number> {
  const wanted = wantedOf(call, services, node)
  if (!wanted.ok) return refuse(call.terminal, wanted.error)
  const following = call.options.flag('follow')
  const stream = following ? await call.client.follow(['log']) : null
  if (stream !== null && !stream.ok) return refuse(call.terminal, stream.error)
  const past = await pastLog(call, wanted.value)
  if (!past.ok) return refuse(call.terminal, past.error)
  const printer = new LogPrinter(call)
  await printer.print(past.value.entries, following)
  for (const missing of past.value.missing) {
    call.terminal.err(`${missing} did not answer: what only it knows is missing here\n`)
  }
  if (stream?.ok !== true) return 0
  return followLog(call, stream.value, wanted.value, printer, past.value.entries)
}

/** Lines there are already, oldest first, at most as many as wanted. */
async function pastLog(call: Call, wanted: Wanted): Promise<Result<LogsAnswer>> {
  const entries: LogEntry[] = []
  const missing = new Set<string>()
  for (const service of wanted.services ?? [undefined]) {
    const answer = await call.client.get<LogsAnswer>('/api/logs', queryOf(wanted, service))
    if (!answer.ok) return answer
    entries.push(...answer.value.entries)
    for (const node of answer.value.missing) missing.add(node)
  }
  const inOrder = entries.filter((entry) => isWanted(entry, wanted)).toSorted((a, b) => a.wallMs - b.wallMs)
  const newest = wanted.limit === 0 ? [] : inOrder.slice(-wanted.limit)
  return ok({ entries: newest, missing: [...missing] })
}

function queryOf(wanted: Wanted, service: string | undefined): Query {
  return {
    service,
    node: wanted.node ?? undefined,
    rid: wanted.rid ?? undefined,
    level: wanted.level,
    since: wanted.sinceWallMs ?? undefined,
    limit: Math.max(1, wanted.limit),
  }
}
