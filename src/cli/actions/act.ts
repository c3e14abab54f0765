import { fail, ok, type Result } from '../../core/result.js'
import type {
  LocalAnswer,
  LocalRequest,
  PlanAnswer,
  Selection,
  TargetAnswer,
  TargetRequest,
} from '../../daemon/api/contract.js'
import { segment } from '../client.js'
import type { Action, Call } from '../command.js'
import { confirmed } from '../confirm.js'
import type { Options } from '../options.js'
import { refuse } from '../output.js'
import { chosen } from '../services.js'
import { actLocally } from './local.js'
import { printPlans } from './plan.js'
import { timeLimit } from './settle.js'
import { pursue } from './targets.js'

/** A service action: a target state for the cluster or, with `--local` or narrowed, an action on this node's instance. */
export function act(action: TargetRequest['action']): Action {
  return async (call) => {
    const names = await chosen(call)
    if (!names.ok) return refuse(call.terminal, names.error)
    const time = timeLimit(call)
    if (!time.ok) return refuse(call.terminal, time.error)
    const go = await mayDestroy(call, action, names.value)
    if (!go.ok) return refuse(call.terminal, go.error)
    const selection = selectionOf(call.options)
    const local = localAction(action)
    if (local !== null && (call.options.flag('local') || narrows(selection))) {
      return locally(call, names.value, { action: local, selection }, time.value)
    }
    const node = destination(call)
    if (!node.ok) return refuse(call.terminal, node.error)
    if (call.options.flag('dry-run')) {
      return printPlans(call, names.value, (name) =>
        call.client.get<PlanAnswer>(`/api/services/${segment(name)}/plan`, { action, node: node.value }),
      )
    }
    const request: TargetRequest = {
      action,
      ...(node.value === undefined ? {} : { node: node.value }),
      ...(time.value === null ? {} : { timeMs: time.value }),
    }
    return pursue(call, names.value, time.value, (name) =>
      call.client.post<TargetAnswer>(`/api/services/${segment(name)}/target`, request),
    )
  }
}

function locally(
  call: Call,
  names: readonly string[],
  request: LocalRequest,
  timeMs: number | null,
): Promise<number> {
  const path = (name: string): string => `/api/services/${segment(name)}/local`
  if (call.options.flag('dry-run')) {
    return printPlans(call, names, (name) =>
      call.client.post<PlanAnswer>(path(name), { ...request, dryRun: true }),
    )
  }
  return actLocally(call, names, timeMs, (name, limitMs) =>
    call.client.post<LocalAnswer>(path(name), request, limitMs),
  )
}

/** `switch NODE` and `switch --node NODE` are the same. */
function destination(call: Call): Result<string | undefined> {
  const [word] = call.arguments
  const option = call.options.text('node') ?? undefined
  if (word !== undefined && option !== undefined && word !== option) {
    return fail('INVALID', `to ${word} or to ${option}? name one node`)
  }
  return ok(word ?? option)
}

async function mayDestroy(
  call: Call,
  action: TargetRequest['action'],
  names: readonly string[],
): Promise<Result<void>> {
  if (action !== 'purge' && action !== 'unprovision') return ok(undefined)
  if (call.options.flag('yes') || call.options.flag('dry-run') || !call.terminal.isInteractive)
    return ok(undefined)
  const what = names.length > 5 ? `${names.length} services` : names.join(', ')
  return confirmed(call, `${action} destroys the data of ${what}.`)
}

function selectionOf(options: Options): Selection {
  return {
    rids: options.list('rid'),
    tags: options.list('tags'),
    subsets: options.list('subsets'),
    upto: options.text('upto'),
    downto: options.text('downto'),
    force: options.flag('force'),
  }
}

function narrows(selection: Selection): boolean {
  const { rids, tags, subsets, upto, downto } = selection
  return rids.length + tags.length + subsets.length > 0 || upto !== null || downto !== null
}

function localAction(action: TargetRequest['action']): LocalRequest['action'] | null {
  switch (action) {
    case 'start':
    case 'stop':
    case 'restart':
    case 'provision':
    case 'unprovision':
    case 'freeze':
    case 'thaw':
      return action
    case 'switch':
    case 'takeover':
    case 'giveback':
    case 'purge':
    case 'delete':
    case 'abort':
    case 'clear':
      return null
  }
}
