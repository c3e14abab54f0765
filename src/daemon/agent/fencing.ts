import type { FencingAgent } from '../../core/fencing.js'
import { fail, ok, type Result } from '../../core/result.js'
import { rounded } from '../../resources/kit/command-failure.js'
import type { Exec, ExecResult } from '../ports.js'

/** Exit codes of the action `status` (FenceAgentAPI of the fence-agents project); 1 is a failure. */
const STATUS = { on: 0, off: 2 } as const

/** So much of an agent's complaint is told. */
const WORDS = 200

/**
 * Powers a node off, or on, and asks whether it is: only a confirmed one counts. The agent gets its arguments on standard input, so that no password shows
 * among the processes. The value is the sentence that becomes evidence. The action `reboot` is of no use here: whether a node that is on again was off in
 * between, `status` cannot tell.
 */
export async function setPower(
  exec: Exec,
  agent: FencingAgent,
  to: 'off' | 'on',
  signal?: AbortSignal,
): Promise<Result<string>> {
  let last = fail('EXEC_FAILED', `${agent.agent} was not run`)
  for (let tries = 0; tries <= agent.retries; tries += 1) {
    const done = await once(exec, agent, to, signal)
    if (done.ok || signal?.aborted === true) return done
    last = done
  }
  return last
}

/** Can the agent say whether its node is on? It changes nothing. */
export async function askState(exec: Exec, agent: FencingAgent, signal: AbortSignal): Promise<Result<void>> {
  const status = await call(exec, agent, 'status', signal)
  const known = status.outcome === 'exited' && Object.values<number | null>(STATUS).includes(status.exit)
  return known ? ok(undefined) : refused(agent, 'status', status)
}

async function once(
  exec: Exec,
  agent: FencingAgent,
  to: 'off' | 'on',
  signal: AbortSignal | undefined,
): Promise<Result<string>> {
  const set = await call(exec, agent, to, signal)
  if (set.outcome !== 'exited' || set.exit !== 0) return refused(agent, to, set)
  const status = await call(exec, agent, 'status', signal)
  if (status.outcome !== 'exited' || status.exit !== STATUS[to]) return refused(agent, 'status', status)
  return ok(`${agent.agent} says that it is ${to}`)
}

function call(
  exec: Exec,
  { agent, options, timeoutMs }: FencingAgent,
  action: string,
  signal?: AbortSignal,
): Promise<ExecResult> {
  const input = [`action=${action}`, ...options, ''].join('\n')
  return exec.run([agent], {
    timeoutMs,
    input,
    ...(action === 'status' ? {} : { changes: true }),
    ...(signal === undefined ? {} : { signal }),
  })
}

function refused(agent: FencingAgent, action: string, result: ExecResult): Result<never> {
  const words = complaintOf(result)
  switch (result.outcome) {
    case 'missing':
      return fail('UNAVAILABLE', `${agent.agent} is not on this node: install the package fence-agents`)
    case 'timeout':
      return fail(
        'EXEC_TIMEOUT',
        `${agent.agent} did not answer to ${action} within ${rounded(agent.timeoutMs)}`,
      )
    case 'exited':
    case 'signalled':
    case 'aborted':
    case 'stuck': {
      const said = words === '' ? '' : `: ${words}`
      return fail('EXEC_FAILED', `${agent.agent} answered ${result.exit} to ${action}${said}`)
    }
  }
}

/** Those of the project log `DATE TIME ERROR: Failed: …`, beside what their Python warns of. */
function complaintOf({ stderr, stdout }: ExecResult): string {
  const lines = (stderr.trim() || stdout.trim()).split('\n').flatMap((line) => line.trim() || [])
  const errors = lines.flatMap((line) => / ERROR: (.+)/.exec(line)?.[1] ?? [])
  return (errors.length > 0 ? errors : lines).join('; ').slice(-WORDS)
}
