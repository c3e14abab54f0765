import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LabError } from '../lab/failure.js'
import { removeNamespace } from '../lab/network.js'
import { readRecord, type Place } from '../lab/place.js'
import { endProcess, readStarted } from '../lab/process.js'
import { machineStore } from './place.js'

/** Ends every process of a set of machines and removes every trace of it. */
export async function sweep(place: Place): Promise<void> {
  for (const entry of await readdir(place.run).catch((): string[] => [])) {
    const started = await readStarted(join(place.run, entry, 'started'))
    if (started !== undefined && !(await endProcess(started)))
      throw new LabError(`process ${started.pid} of ${entry} does not die: end it, then try again`)
  }
  const store = (await readRecord(place))?.store ?? machineStore(place.name)
  await removeNamespace(place.switchNamespace)
  await rm(store, { recursive: true, force: true, maxRetries: 5 })
  await rm(place.run, { recursive: true, force: true })
  await rmdir(dirname(place.run)).catch(() => undefined)
}
