import { fail, ok, type Result } from '../../core/result.js'
import type { HistoryEntry } from '../../daemon/ports.js'
import type { Action, Call } from '../command.js'
import { oneConfiguration, type Configuration, type ConfigurationScope } from '../configuration.js'
import { refuse, show } from '../output.js'
import { difference } from '../render/difference.js'
import { clean } from '../render/paint.js'
import { table } from '../render/table.js'
import { localTime } from '../time.js'

/** Every accepted version, the newest first. */
export function history(scope: ConfigurationScope): Action {
  return withHistory(scope, async (call, _configuration, entries) => {
    await show(call, entries, () =>
      table([
        ['VERSION', 'TIME', 'AUTHOR', 'NODE'].map((head) => call.paint('title', head)),
        ...entries.map((entry) => [
          entry.version,
          localTime(entry.wallMs),
          clean(entry.author) + (entry.text === null ? ' (deleted)' : ''),
          entry.node,
        ]),
      ]),
    )
    return 0
  })
}

/** Between two versions; by default the newest and the one before it. */
export function diff(scope: ConfigurationScope): Action {
  return withHistory(scope, async (call, configuration, entries) => {
    const [from, to] = call.arguments
    const before = from === undefined ? ok(entries[1] ?? null) : version(configuration, entries, from)
    const after = to === undefined ? ok(entries[0] ?? null) : version(configuration, entries, to)
    if (!before.ok) return refuse(call.terminal, before.error)
    if (!after.ok) return refuse(call.terminal, after.error)
    const value = { from: before.value, to: after.value }
    await show(call, value, () => difference(value.from?.text ?? '', value.to?.text ?? '', call.paint))
    return 0
  })
}

/** `restore VERSION`: the text of an earlier version becomes a new one; the history grows, nothing in it is lost. */
export function restore(scope: ConfigurationScope): Action {
  return withHistory(scope, async (call, configuration, entries) => {
    const wanted = version(configuration, entries, call.arguments[0] ?? '')
    if (!wanted.ok) return refuse(call.terminal, wanted.error)
    if (wanted.value.text === null) {
      return refuse(call.terminal, {
        code: 'INVALID',
        message: `version ${wanted.value.version} is a deletion: there is no text to restore`,
      })
    }
    const changed = await configuration.change({ text: wanted.value.text })
    if (!changed.ok) return refuse(call.terminal, changed.error)
    await show(call, changed.value, () => [changed.value.message])
    return 0
  })
}

function withHistory(
  scope: ConfigurationScope,
  go: (call: Call, configuration: Configuration, entries: readonly HistoryEntry[]) => Promise<number>,
): Action {
  return async (call) => {
    const configuration = oneConfiguration(call, scope)
    if (!configuration.ok) return refuse(call.terminal, configuration.error)
    const answer = await configuration.value.history()
    if (!answer.ok) return refuse(call.terminal, answer.error)
    return go(call, configuration.value, answer.value.entries)
  }
}

/** The newest entry whose version begins so; several different ones are a failure. */
function version(
  configuration: Configuration,
  entries: readonly HistoryEntry[],
  beginning: string,
): Result<HistoryEntry> {
  const matching = entries.filter((entry) => entry.version.startsWith(beginning))
  const [first] = matching
  if (first === undefined || beginning === '') {
    return fail('UNKNOWN', `there is no version ${beginning}: see '${configuration.command} history'`)
  }
  if (matching.some((entry) => entry.version !== first.version)) {
    return fail('INVALID', `several versions begin with ${beginning}: write more of it`)
  }
  return ok(first)
}
