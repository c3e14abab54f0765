import type { FencingAgent } from '../../core/fencing.js'
import { fail, ok, type Result } from '../../core/result.js'
import { rounded } from '../../resources/kit/command-failure.js'
import type { Exec, ExecResult } from '../ports.js'

/** Exit codes of the action `status`, with 1 where it failed (FenceAgentAPI of the fence-agents project). */
const ON = 0
const OFF = 2

/** So much of an agent's complaint is told. */
const WORDS = 200

/**
 * Powers a node off, and asks whether it is: only a confirmed one counts. The agent gets its arguments on standard input, so that no password shows among
 * the processes. The value is the sentence that becomes evidence.
 */
export async function fence(exec: Exec, agent: FencingAgent): Promise<Result<string>> {
  let last = fail('EXEC_FAILED', `${agent.agent} was not run`)
  for (let tries = 0; tries <= agent.retries; tries += 1) {
    const done = await once(exec, agent)
    if (done.ok) return done
    last = done
  }
  return last
}

/** Can the agent say whether its node is on? It changes nothing. */
export async function askState(exec: Exec, agent: FencingAgent, signal: AbortSignal): Promise<Result<void>> {
  const status = await call(exec, agent, 'status', signal)
  const known = status.outcome === 'exited' && (status.exit === ON || status.exit === OFF)
  return known ? ok(undefined) : refused(agent, 'status', status)
}

async function once(exec: Exec, agent: FencingAgent): Promise<Result<string>> {
  const off = await call(exec, agent, 'off')
  if (off.outcome !== 'exited' || off.exit !== 0) return refused(agent, 'off', off)
  const status = await call(exec, agent, 'status')
  if (status.outcome !== 'exited' || status.exit !== OFF) return refused(agent, 'status', status)
  if (agent.powerOn) void call(exec, agent, 'on')
  return ok(`${agent.agent} says that it is off`)
}

function call(
  exec: Exec,
  { agent, options, timeoutMs }: FencingAgent,
  action: string,
  signal?: AbortSignal,
): Promise<ExecResult> {
  const input = [`action=${action}`, ...options, ''].join('\n')
  return exec.run([agent], { timeoutMs, input, ...(signal === undefined ? {} : { signal }) })
}

function refused(agent: FencingAgent, action: string, result: ExecResult): Result<never> {
  const words = (result.stderr.trim() || result.stdout.trim()).slice(-WORDS)
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
