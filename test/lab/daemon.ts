// The daemon under test: started as omd in the foreground, as systemd would start it.
import { connect } from 'node:net'
import { join } from 'node:path'
import { execIn, mustRun, runIn } from './exec.js'
import { LabError } from './failure.js'
import { isWitness, nodeName, numbersOf, type LabRecord, type Place, type Plan } from './place.js'
import { eventually } from './wait.js'

const GUEST = '/opt/longshore/test/lab/guest'
/** Where a node's daemon writes what happens. */
export const DAEMON_LOG = '/var/log/longshore/omd.log'
const START_MS = 30_000
const STOP_MS = 90_000
const NOT_RUNNING = 3
/** A node that resets itself resets itself, and not the machine that it is a part of. */
const RESET: Environment = { LONGSHORE_RESET_FILE: '/dev/longshore-reset' }

/** What a daemon finds in its environment. */
export type Environment = Readonly<{ [name: string]: string }>

/** Starts omd in a node, or the witness's, and waits until it serves its socket. */
export async function startDaemon(
  place: Place,
  { plan }: Pick<LabRecord, 'plan'>,
  n: number,
  environment: Environment = {},
): Promise<void> {
  if (await daemonRuns(place, n)) {
    throw new LabError(
      `omd runs on ${nodeName(n)} already: stop it first with "lab stop-daemon ${nodeName(n)}"`,
    )
  }
  // what a killed daemon left must not be taken for the new one's
  const votes = isWitness(plan, n)
  const socketPath = votes ? `/run/longshore/witness/${place.name}/api.sock` : '/run/longshore/api.sock'
  await runIn(place, n, ['rm', '-f', socketPath])
  const program = votes ? ['omd', '--witness', place.name] : ['omd']
  const set = Object.entries({ ...RESET, ...environment }).map(([name, value]) => `${name}=${value}`)
  await runIn(place, n, [`${GUEST}/spawn.sh`, 'omd', DAEMON_LOG, 'env', ...set, ...program])
  const init = await mustRun(place, n)
  const socket = join(`/proc/${init.pid}/root`, socketPath)
  const end = await eventually(
    async () => ((await serves(socket)) ? 'serves' : (await daemonRuns(place, n)) ? undefined : 'ended'),
    { timeoutMs: START_MS, everyMs: 20 },
  )
  if (end === 'serves') return
  const log = await execIn(place, n, ['tail', '-n', '5', DAEMON_LOG])
  const what = end === 'ended' ? 'ended at once' : `serves no socket after ${START_MS / 1000} s`
  throw new LabError(`omd on ${nodeName(n)} ${what}: read its ${DAEMON_LOG} (${log.stdout.trim()})`)
}

/** kill -9 of the daemon alone; services and containers stay. */
export async function killDaemon(place: Place, n: number): Promise<void> {
  if (!(await signalDaemon(place, n, 'KILL'))) throw notRunning(n)
  await gone(place, n, 5000)
}

/** SIGTERM, and what systemd does when that is not heard: SIGKILL after its 90 s. */
export async function stopDaemon(place: Place, n: number): Promise<void> {
  if (!(await signalDaemon(place, n, 'TERM'))) throw notRunning(n)
  if (await gone(place, n, STOP_MS)) return
  await signalDaemon(place, n, 'KILL')
  throw new LabError(
    `omd on ${nodeName(n)} did not stop within ${STOP_MS / 1000} s and was killed: read its ${DAEMON_LOG}`,
  )
}

export async function daemonRuns(place: Place, n: number): Promise<boolean> {
  return signalDaemon(place, n, '0')
}

/** Makes one cluster of the lab's nodes, each joining with a token of node1's. */
export async function formCluster(place: Place, record: LabRecord): Promise<void> {
  await joinAll((n, argv, env) => runIn(place, n, argv, { env }), record.plan, place.name)
  if (record.plan.daemon !== 'tuned') return
  const tuned = ['heartbeat.interval=100ms', 'heartbeat.timeout=600ms'].flatMap((kw) => ['--kw', kw])
  await runIn(place, 1, ['om', 'cluster', 'set', ...tuned])
}

/** What an operator types, node by node; `run` gives what a command printed that must succeed. */
export async function joinAll(
  run: (n: number, argv: readonly string[], env: Environment) => Promise<string>,
  plan: Plan,
  name: string,
): Promise<void> {
  await run(1, ['om', 'cluster', 'init', name], {})
  for (const n of numbersOf(plan).slice(1)) {
    const token = (await run(1, ['om', 'cluster', 'token'], {})).trim()
    await run(n, ['om', 'cluster', 'join', token], isWitness(plan, n) ? { LONGSHORE_WITNESS: name } : {})
  }
}

async function signalDaemon(place: Place, n: number, signal: 'KILL' | 'TERM' | '0'): Promise<boolean> {
  const { exit, stderr } = await execIn(place, n, [`${GUEST}/signal.sh`, 'omd', signal])
  if (exit !== 0 && exit !== NOT_RUNNING)
    throw new LabError(`omd on ${nodeName(n)} cannot be reached: ${stderr.trim()}`)
  return exit === 0
}

async function gone(place: Place, n: number, timeoutMs: number): Promise<boolean> {
  return (await eventually(async () => !(await daemonRuns(place, n)), { timeoutMs, everyMs: 20 })) ?? false
}

async function serves(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const answer = (served: boolean) => {
      socket.destroy()
      resolve(served)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}

function notRunning(n: number): LabError {
  return new LabError(`omd does not run on ${nodeName(n)}: start it with "lab start-daemon ${nodeName(n)}"`)
}
