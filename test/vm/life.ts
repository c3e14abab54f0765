// A set of machines comes up.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { LabError } from '../lab/failure.js'
import { makeSwitch } from '../lab/network.js'
import { recordFile, type Place } from '../lab/place.js'
import { makeStorageNetwork, plugCards } from './cable.js'
import { machineNumbers, machineStore, storageNumber, type MachinePlan, type MachineRecord } from './place.js'
import type { Prepared } from './prepare.js'
import { installedState, savedState, startSaved } from './state.js'
import { sweep } from './sweep.js'

/** Brings machines up, each from its saved state; what earlier ones of that name left is removed first. `product`: the package that they have. */
export async function up(
  place: Place,
  plan: MachinePlan,
  prepared: Prepared,
  product: string | undefined,
): Promise<MachineRecord> {
  if (process.getuid?.() !== 0) throw new LabError('machines need interfaces of their own: run this as root')
  if (!Number.isInteger(plan.nodes) || plan.nodes < 1 || plan.nodes > 3)
    throw new LabError('there are 1 to 3 machines: choose with --nodes')
  const machines = machineNumbers(plan)
  const states = await Promise.all(
    machines.map((n) => {
      const storage = n === storageNumber(plan)
      // the storage has no use for an engine, nor for the product
      if (storage || product === undefined)
        return savedState(prepared, storage ? { ...plan, docker: false } : plan, n)
      return installedState(prepared, plan, n, product)
    }),
  )
  await sweep(place)
  const store = machineStore(place.name)
  const record: MachineRecord = { plan, ...prepared, store, rootfs: prepared.base, disks: [], served: [] }
  await mkdir(place.run, { recursive: true })
  await keep(place, record)
  await makeSwitch(place)
  await makeStorageNetwork(place)
  await Promise.all(machines.map((n) => plugCards(place, n)))
  await Promise.all(states.map((state, i) => startSaved(place, record, i + 1, state)))
  return record
}

/** Writes the record for the commands that come after. */
export async function keep(place: Place, record: MachineRecord): Promise<void> {
  await writeFile(`${recordFile(place)}.new`, JSON.stringify(record))
  await rename(`${recordFile(place)}.new`, recordFile(place))
}
