// A booted machine as a file, from which machines of the same number start in a second: each booted once per machine that builds them.
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cached, keyOf } from '../lab/cache.js'
import { LabError } from '../lab/failure.js'
import { makeSwitch } from '../lab/network.js'
import { nodeName, nodeStore, type Place } from '../lab/place.js'
import { until } from '../lab/wait.js'
import { accelerator } from './accelerator.js'
import { Agent } from './agent.js'
import { makeStorageNetwork, plugCards } from './cable.js'
import { boot } from './boot.js'
import { powerOff, powerOn } from './machine.js'
import { withMonitor } from './monitor.js'
import { machinePlaceOf, machineStore, type MachinePlan, type MachineRecord } from './place.js'
import type { Prepared } from './prepare.js'
import { bring, install } from './product.js'
import { startTwice } from './start.js'
import { sweep } from './sweep.js'

/** A gigabyte through a pipe, on a busy machine. */
const SAVE_MS = 120_000

/** The folder with `memory` and `root.qcow2` of a machine that has booted with this number; booted and saved where the cache has none. */
export async function savedState(prepared: Prepared, plan: MachinePlan, n: number): Promise<string> {
  const { memoryMb, docker } = plan
  const key = await keyOf(
    [join(import.meta.dirname, 'machine.ts'), join(import.meta.dirname, 'cable.ts')],
    [prepared.base, prepared.kernel, `${memoryMb}`, ...(await accelerator())],
  )
  return cached(`vm-state-${key}-${docker ? 'docker' : 'plain'}-${n}`, (path) =>
    saved(prepared, plan, n, path, ({ place, record, agent }) => boot(place, record, n, agent)),
  )
}

/** The same with the product on it, from its package, and `omd` running without a cluster. Those of other packages are removed. */
export async function installedState(
  prepared: Prepared,
  plan: MachinePlan,
  n: number,
  file: string,
): Promise<string> {
  const state = await savedState(prepared, plan, n)
  const family = `vm-product-${basename(state)}`
  const path = await cached(`${family}-${await keyOf([file], [])}`, (folder) =>
    saved(prepared, plan, n, folder, async ({ place, record, agent }) => {
      await startSaved(place, record, n, state)
      await install(agent, n, await bring(place, record, n, agent, file))
    }),
  )
  const ofPackages = new RegExp(`^${family}-[0-9a-f]{12}(\\.lock)?$`)
  for (const name of await readdir(dirname(path))) {
    if (ofPackages.test(name) && !name.startsWith(basename(path)))
      await rm(join(dirname(path), name), { recursive: true, force: true })
  }
  return path
}

interface Seed {
  readonly place: Place
  readonly record: MachineRecord
  readonly agent: Agent
}

/** Has a machine of its own brought to where it is to be saved, and saves it into a new folder. */
async function saved(
  prepared: Prepared,
  plan: MachinePlan,
  n: number,
  folder: string,
  bringUp: (seed: Seed) => Promise<void>,
): Promise<void> {
  await mkdir(folder)
  const place = machinePlaceOf(`seed${n}`)
  const store = machineStore(place.name)
  const record: MachineRecord = { plan, ...prepared, store, rootfs: prepared.base, disks: [], served: [] }
  await sweep(place)
  try {
    await makeSwitch(place)
    await makeStorageNetwork(place)
    await plugCards(place, n)
    await bringUp({ place, record, agent: new Agent(place, n) })
    await save(place, n, folder)
    await rename(join(nodeStore(record, n), 'root.qcow2'), join(folder, 'root.qcow2'))
  } finally {
    await sweep(place)
  }
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
export const startSaved = (place: Place, record: MachineRecord, n: number, state: string): Promise<void> =>
  startTwice(place, n, () => goOn(place, record, n, state))

async function goOn(place: Place, record: MachineRecord, n: number, state: string): Promise<void> {
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
