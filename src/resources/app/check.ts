import type { ResourceMessage } from '../../core/document.js'
import type { Status } from '../../core/status.js'
import { flagOf, numberOf, textOf, type Act, type Context, type Report } from '../driver.js'
import { commandFailure, outputLines } from '../kit/command-failure.js'
import { resourceEnvironment } from '../kit/environment.js'
import { fail, ok, type Result } from '../../core/result.js'
import { APP_TOOLS, commandOf, surroundings, wrapped } from './command.js'

const CHECK_MS = 30_000
const LINES_SHOWN = 10
const POLL_MS = 500

/** An application that takes longer to show up than this is told apart from one that never does. */
const LONGEST_WAIT_MS = 60_000

/** Asks the application's own check; null where it has none. A check that is not there cannot say that anything runs: down. */
export async function check(ctx: Context, group: string | null): Promise<Report | null> {
  const command = commandOf(ctx, 'check')
  if (command === null) return null
  const timeoutMs = numberOf(ctx.resource, 'check_timeout') ?? CHECK_MS
  const { env, cwd } = surroundings(ctx)
  const result = await ctx.io.exec.run(wrapped(ctx, group, command), {
    timeoutMs,
    env: { ...resourceEnvironment(ctx, 'status'), ...env },
    cwd: cwd ?? '/',
  })
  if (result.outcome === 'missing') return { status: 'down', messages: said(result.stderr, 'info') }
  const failure = commandFailure(result, { okExits: [result.exit], timeoutMs, tools: APP_TOOLS })
  if (failure !== null) return { status: 'warn', messages: [{ level: 'error', text: failure.message }] }
  const status = statusOf(textOf(ctx.resource, 'retcodes') ?? '0:up 1:down', result.exit)
  if (status === null)
    return {
      status: 'warn',
      messages: [{ level: 'warn', text: `check ended with exit code ${result.exit}` }],
    }
  const shown = flagOf(ctx.resource, 'status_log')
  return { status, messages: shown ? [...said(result.stdout, 'info'), ...said(result.stderr, 'warn')] : [] }
}

const said = (text: string, level: ResourceMessage['level']): readonly ResourceMessage[] =>
  outputLines({ stdout: text, stderr: '' })
    .slice(0, LINES_SHOWN)
    .map((line) => ({ level, text: line }))

/** `0:up 1:down`: the status that an exit code stands for; null for one that is not named. */
export function statusOf(retcodes: string, exit: number): Status | null {
  for (const entry of retcodes.split(/\s+/)) {
    const [code, status] = entry.split(':')
    if (Number(code) !== exit || code === '') continue
    if (status === 'up' || status === 'down' || status === 'warn' || status === 'n/a') return status
  }
  return null
}

/** Waits until the check says `up`, or `down`: applications return from their commands before they are there, or gone. */
export async function waitForCheck(
  ctx: Context,
  group: string | null,
  act: Act,
  wanted: 'up' | 'down',
): Promise<Result<void>> {
  const untilMs = Math.min(act.io.clock.nowMs() + LONGEST_WAIT_MS, act.deadlineMs - 2 * POLL_MS)
  for (;;) {
    const report = await check(ctx, group)
    if (report === null || report.status === wanted || report.status === 'n/a') return ok(undefined)
    if (act.signal.aborted) return fail('ABORTED', 'the action was ended')
    if (act.io.clock.nowMs() >= untilMs) {
      const detail = report.messages[0] === undefined ? '' : `: ${report.messages[0].text}`
      return fail('NOT_EFFECTIVE', `check still says ${report.status}${detail}`)
    }
    await act.sleep(POLL_MS)
  }
}
