// The daemon as a package installs it: a unit of systemd's.
import { LabError } from '../lab/failure.js'
import { isWitness, nodeName, type Place } from '../lab/place.js'
import { eventually } from '../lab/wait.js'
import type { Agent } from './agent.js'
import type { MachinePlan } from './place.js'

const START_MS = 300_000

/** The unit of the daemon that a machine is for: `omd`, or the witness's. */
export function unitOf(plan: MachinePlan, place: Place, n: number): string {
  return isWitness(plan, n) ? `longshore-witness@${place.name}.service` : 'longshore.service'
}

/** Starts the unit and waits until it has told systemd that it serves. */
export async function startDaemon(agent: Agent, n: number, unit: string): Promise<void> {
  const started = await agent.exec(['systemctl', 'start', unit], { timeoutMs: START_MS })
  if (started.exit === 0) return
  const log = await agent.exec(['journalctl', '--unit', unit, '--lines=5', '--output=cat', '--no-pager'])
  throw new LabError(`omd on ${nodeName(n)} does not start: ${(started.stderr + log.stdout).trim()}`)
}

/** From now on with each boot, as an operator asks for. */
export async function enableDaemon(agent: Agent, n: number, unit: string): Promise<void> {
  await agent.exec(['systemctl', 'enable', '--quiet', unit])
  await startDaemon(agent, n, unit)
}

/** Installed, and not started: for tests of the machine alone. */
export async function disableDaemon(agent: Agent): Promise<void> {
  await agent.exec(['systemctl', 'disable', '--quiet', '--now', 'longshore.service'])
}

export async function stopDaemon(agent: Agent, n: number, unit: string): Promise<void> {
  const stopped = await agent.exec(['systemctl', 'stop', unit], { timeoutMs: 120_000 })
  if (stopped.exit !== 0) throw new LabError(`omd on ${nodeName(n)} does not stop: ${stopped.stderr.trim()}`)
}

/** SIGKILL to omd alone, which systemd is kept from starting again: what is left then is what this is about. */
export async function killDaemon(agent: Agent, n: number, unit: string): Promise<void> {
  const killed = await agent.exec([
    'sh',
    '-c',
    `mkdir -p /run/systemd/system/${unit}.d; printf '[Service]\\nRestart=no\\n' >/run/systemd/system/${unit}.d/lab.conf
     systemctl daemon-reload; systemctl kill --kill-whom=main --signal=KILL ${unit}
     rm -r /run/systemd/system/${unit}.d`,
  ])
  if (killed.exit !== 0) throw new LabError(`omd on ${nodeName(n)} cannot be killed: ${killed.stderr.trim()}`)
  await eventually(async () => !(await daemonRuns(agent, unit)), { timeoutMs: 5000 })
  await agent.exec(['systemctl', 'daemon-reload'])
}

export async function daemonRuns(agent: Agent, unit: string): Promise<boolean> {
  return (await agent.exec(['systemctl', 'is-active', '--quiet', unit])).exit === 0
}
