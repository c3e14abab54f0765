// A lab's life: up, a node's boot with all that runs in it, down.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { formCluster, startDaemon } from './daemon.js'
import { startDocker } from './docker.js'
import { LabError } from './failure.js'
import { makeSwitch } from './network.js'
import { startNode } from './node.js'
import {
  isWitness,
  numbersOf,
  recordFile,
  storeFolder,
  type LabRecord,
  type Place,
  type Plan,
} from './place.js'
import { prepare } from './prepare.js'
import { sweep } from './sweep.js'
import { startWatchdogs } from './watchdog.js'

/** Removes what an earlier lab of this name left, then brings up the one that was asked for. */
export async function up(place: Place, plan: Plan): Promise<LabRecord> {
  if (process.getuid?.() !== 0) throw new LabError('the lab makes namespaces and mounts: run it as root')
  if (!Number.isInteger(plan.nodes) || plan.nodes < 1 || plan.nodes > 5) {
    throw new LabError('a lab has 1 to 5 nodes: choose with --nodes')
  }
  const prepared = await prepare()
  await sweep(place)
  const record: LabRecord = { plan, ...prepared, store: storeFolder(place.name) }
  await mkdir(place.run, { recursive: true })
  await writeFile(`${recordFile(place)}.new`, JSON.stringify(record))
  await rename(`${recordFile(place)}.new`, recordFile(place))
  await makeSwitch(place)
  if (plan.watchdogMs !== undefined) await startWatchdogs(place, record)
  await Promise.all(numbersOf(plan).map((n) => boot(place, record, n)))
  if (plan.daemon !== 'none' && plan.cluster) await formCluster(place, record)
  return record
}

/** Boots a node with its Docker engine and its daemon, as far as the lab has them. */
export async function boot(place: Place, record: LabRecord, n: number): Promise<void> {
  await startNode(place, record, n)
  const { docker, daemon } = record.plan
  await Promise.all([
    docker && !isWitness(record.plan, n) ? startDocker(place, n) : undefined,
    daemon === 'none' ? undefined : startDaemon(place, record, n),
  ])
}

export async function down(place: Place): Promise<void> {
  await sweep(place)
}
