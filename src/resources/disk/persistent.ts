import { ok } from '../../core/result.js'
import type { DoStep, Tool } from '../driver.js'
import { commandFailure } from '../kit/command-failure.js'
import { commandText } from '../kit/command-text.js'

const TRIES = 4
const BETWEEN_TRIES_MS = 500

/**
 * A command that may fail for a moment, because a scanner has just opened the device that is to go; tried a few times before its failure
 * counts.
 */
export function persistent(argv: readonly string[], tools: readonly Tool[]): DoStep {
  return {
    kind: 'do',
    text: commandText(argv),
    async run(act) {
      for (let tries = 1; ; tries++) {
        const timeoutMs = Math.max(act.deadlineMs - act.io.clock.nowMs(), 1)
        const ended = await act.ask(argv, { timeoutMs, changes: true })
        const failure = commandFailure(ended, { timeoutMs, tools })
        if (failure === null) return ok(undefined)
        if (failure.code !== 'EXEC_FAILED' || tries === TRIES || act.signal.aborted)
          return { ok: false, error: failure }
        await act.sleep(BETWEEN_TRIES_MS)
      }
    },
  }
}
