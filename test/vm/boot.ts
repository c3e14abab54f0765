// A machine from power on to all that runs in it.
import { join } from 'node:path'
import { LabError } from '../lab/failure.js'
import { nodeName, type Place } from '../lab/place.js'
import { eventually } from '../lab/wait.js'
import type { Agent } from './agent.js'
import { daemonRuns, unitOf } from './daemon.js'
import { machineOf, powerOn } from './machine.js'
import type { MachineRecord } from './place.js'
import { startTwice } from './start.js'

/** An emulated machine on a busy one; a quiet one needs a tenth. */
const BOOT_MS = 180_000

/** Switches a machine on and waits until it has booted: every unit started, the daemon among them where it is enabled. */
export async function boot(place: Place, record: MachineRecord, n: number, agent: Agent): Promise<void> {
  await startTwice(place, n, () => switchOn(place, record, n, agent))
  // "degraded" is running too, with a unit that failed
  await agent.exec(['systemctl', 'is-system-running', '--wait'], { timeoutMs: BOOT_MS })
  const unit = unitOf(record.plan, place, n)
  if ((await agent.exec(['systemctl', 'is-enabled', '--quiet', unit])).exit !== 0) return
  if ((await eventually(() => daemonRuns(agent, unit), { timeoutMs: 60_000, everyMs: 100 })) === undefined)
    throw new LabError(`omd does not run on ${nodeName(n)} after its boot: look with "vm exec"`)
}

/** Until its agent answers. */
async function switchOn(place: Place, record: MachineRecord, n: number, agent: Agent): Promise<void> {
  await powerOn(place, record, n)
  const booted = await eventually(
    async () => (await machineOf(place, n)) === undefined || agent.answers(5000),
    {
      timeoutMs: BOOT_MS,
      everyMs: 50,
    },
  )
  if (booted === undefined || (await machineOf(place, n)) === undefined)
    throw new LabError(`${nodeName(n)} does not boot: read ${join(place.run, nodeName(n), 'console.log')}`)
}
