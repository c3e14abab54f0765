import type { Result } from '../../core/result.js'
import type { LocalAnswer } from '../../daemon/api/contract.js'
import type { Call } from '../command.js'
import type { EventStream } from '../events.js'
import { LiveLines } from '../live.js'
import { fold, progressLine, progressLines, type Progress } from '../render/progress.js'
import { onAll } from '../services.js'

/** The daemon ends every action at its own time limit; this is for one that does not answer. */
const LONGEST_ACTION_MS = 24 * 3_600_000

/** The answer and the events come over two connections: this much is granted to the events that were sent before the answer. */
const CATCH_UP_MS = 30

/** Actions on this node's instances, one after the other; each is answered when it has ended. */
export async function actLocally(
  call: Call,
  names: readonly string[],
  timeMs: number | null,
  ask: (name: string, limitMs: number) => Promise<Result<LocalAnswer>>,
): Promise<number> {
  const stream = call.format === 'table' ? await call.client.follow(['progress']) : null
  const shown = stream?.ok === true ? showProgress(call, names, stream.value) : null
  try {
    return await onAll(call, names, async (name) => {
      const answer = await ask(name, timeMs ?? LONGEST_ACTION_MS)
      await shown?.finish()
      return answer
    })
  } finally {
    if (stream?.ok === true) stream.value.close()
    await shown?.over
  }
}

function showProgress(
  call: Call,
  names: readonly string[],
  stream: EventStream,
): { readonly over: Promise<void>; finish(): Promise<void> } {
  const live = call.terminal.isTerminal ? new LiveLines(call.terminal) : null
  let known: readonly Progress[] = []
  const take = (event: Progress): void => {
    if (!names.includes(event.service)) return
    known = fold(known, event)
    const line = progressLine(event)
    if (live !== null) live.update(progressLines(known, call.paint))
    else if (line !== null) call.terminal.out(`${line}\n`)
  }
  const follow = async (): Promise<void> => {
    for (;;) {
      const event = await stream.next(LONGEST_ACTION_MS)
      if (event === 'ended' || event === 'silence') return
      if (event.kind === 'progress') take(event)
    }
  }
  const finish = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, CATCH_UP_MS))
    for (const event of stream.drain()) if (event.kind === 'progress') take(event)
    live?.leave()
    known = []
  }
  return { over: follow(), finish }
}
