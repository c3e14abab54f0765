import type { FencingAgent } from '../../core/fencing.js'
import { fail, ok, type Result } from '../../core/result.js'
import { rounded } from '../../resources/kit/command-failure.js'
import type { Exec, ExecResult } from '../ports.js'

/** Exit code of the action `status` where the node is off: 0 on, 1 failed, 2 off (FenceAgentAPI of the fence-agents project). */
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

async function once(exec: Exec, agent: FencingAgent): Promise<Result<string>> {
  const off = await call(exec, agent, 'off')
  if (off.outcome !== 'exited' || off.exit !== 0) return refused(agent, 'off', off)
  const status = await call(exec, agent, 'status')
  if (status.outcome !== 'exited' || status.exit !== OFF) return refused(agent, 'status', status)
  if (agent.powerOn) void call(exec, agent, 'on')
  return ok(`${agent.agent} says that it is off`)
}

const call = (exec: Exec, { agent, options, timeoutMs }: FencingAgent, action: string): Promise<ExecResult> =>
  exec.run([agent], { timeoutMs, input: [`action=${action}`, ...options, ''].join('\n') })

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
