// A booted machine as a file, from which machines of the same number start in a second: each booted once per machine that builds them.
import { cp, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cached, keyOf } from '../lab/cache.js'
import { LabError } from '../lab/failure.js'
import { makeSwitch } from '../lab/network.js'
import { nodeName, nodeStore, type Place } from '../lab/place.js'
import { until } from '../lab/wait.js'
import { accelerator } from './accelerator.js'
import { Agent } from './agent.js'
import { makeStorageNetwork, plugCards } from './cable.js'
import { bootTwice } from './boot.js'
import { powerOff, powerOn } from './machine.js'
import { withMonitor } from './monitor.js'
import { machinePlaceOf, machineStore, type MachinePlan, type MachineRecord } from './place.js'
import type { Prepared } from './prepare.js'
import { sweep } from './sweep.js'

/** A gigabyte through a pipe, on a busy machine. */
const SAVE_MS = 120_000

/** The folder with `memory` and `root.qcow2` of a machine that has booted with this number; booted and saved where the cache has none. */
export async function savedState(prepared: Prepared, plan: MachinePlan, n: number): Promise<string> {
  const { memoryMb, docker } = plan
  const key = await keyOf(
    [join(import.meta.dirname, 'machine.ts')],
    [prepared.base, prepared.kernel, `${memoryMb}`, ...(await accelerator())],
  )
  return cached(`vm-state-${key}-${docker ? 'docker' : 'plain'}-${n}`, async (path) => {
    await mkdir(path)
    const place = machinePlaceOf(`seed${n}`)
    const store = machineStore(place.name)
    const record: MachineRecord = {
      plan: { ...plan, memoryMb, docker },
      ...prepared,
      store,
      rootfs: prepared.base,
      disks: [],
      served: [],
    }
    await sweep(place)
    try {
      await makeSwitch(place)
      await makeStorageNetwork(place)
      await plugCards(place, n)
      await bootTwice(place, record, n, new Agent(place, n))
      await save(place, n, path)
      await rename(join(nodeStore(record, n), 'root.qcow2'), join(path, 'root.qcow2'))
    } finally {
      await sweep(place)
    }
  })
}

/** Stops the machine, writes its memory and devices to a file, and ends it. */
async function save(place: Place, n: number, folder: string): Promise<void> {
  await new Agent(place, n).exec(['sync'])
  await withMonitor(place, n, async (monitor) => {
    await monitor.ask('stop')
    await monitor.ask('migrate-set-parameters', { 'max-bandwidth': 10_000_000_000 })
    await monitor.ask('migrate', { uri: `exec:cat >${join(folder, 'memory')}` })
    const ended = async (): Promise<string | false> => {
      const { status = '' } = (await monitor.ask('query-migrate')) as { status?: string }
      return ['completed', 'failed'].includes(status) && status
    }
    const said = await until(ended, {
      timeoutMs: SAVE_MS,
      everyMs: 50,
      or: `${nodeName(n)} is not saved in time`,
    })
    if (said !== 'completed')
      throw new LabError(`the state of ${nodeName(n)} cannot be saved: is the disk full?`)
  })
  await powerOff(place, n)
}

/** Starts a machine from its state. Its clock is set by the agent; its boot identifier is that of every start from the same state. */
export async function startSaved(
  place: Place,
  record: MachineRecord,
  n: number,
  state: string,
): Promise<void> {
  await mkdir(nodeStore(record, n), { recursive: true })
  await cp(join(state, 'root.qcow2'), join(nodeStore(record, n), 'root.qcow2'))
  await powerOn(place, record, n, join(state, 'memory'))
  await withMonitor(place, n, async (monitor) => {
    const loaded = async (): Promise<boolean> => {
      const { status } = (await monitor.ask('query-status')) as { status: string }
      return status !== 'inmigrate'
    }
    await until(loaded, {
      timeoutMs: SAVE_MS,
      everyMs: 20,
      or: `the state of ${nodeName(n)} is not loaded in time`,
    })
    await monitor.ask('cont')
  })
  const agent = new Agent(place, n)
  for (let tries = 1; !(await agent.answers(5000)); tries++) {
    if (tries === 10)
      throw new LabError(`${nodeName(n)} does not go on from its saved state ${state}: remove it`)
    await sleep(100)
  }
  await agent.setClock(Date.now())
}
