// What a lab is doing now.
import { daemonRuns } from './daemon.js'
import { freezerState } from './cgroup.js'
import { disksOf } from './disk.js'
import { initOf } from './exec.js'
import { cutsNow, nodeAddress, type Cuts } from './network.js'
import { nodeName, numbersOf, type LabRecord, type Place, type Plan } from './place.js'

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly state: 'up' | 'paused' | 'down'
  /** Process 1, by the machine's number. */
  readonly pid?: number
  readonly daemon: boolean
}

export interface LabStatus extends Cuts {
  readonly name: string
  readonly plan: Plan
  readonly nodes: readonly NodeStatus[]
  readonly disks: readonly string[]
}

export async function statusOf(place: Place, record: LabRecord): Promise<LabStatus> {
  const nodes = await Promise.all(numbersOf(record.plan).map((n) => nodeStatus(place, n)))
  const disks = (await disksOf(record.store)).map((disk) => disk.path)
  return { name: place.name, plan: record.plan, nodes, disks, ...(await cutsNow(place)) }
}

async function nodeStatus(place: Place, n: number): Promise<NodeStatus> {
  const what = { name: nodeName(n), address: nodeAddress(n) }
  const init = await initOf(place, n)
  if (init === undefined) return { ...what, state: 'down', daemon: false }
  const frozen = (await freezerState(`${place.name}/${nodeName(n)}`)) !== 'THAWED'
  if (frozen) return { ...what, state: 'paused', pid: init.pid, daemon: false }
  return { ...what, state: 'up', pid: init.pid, daemon: await daemonRuns(place, n) }
}

/** The status as lines for a person. */
export function statusLines(status: LabStatus): string[] {
  return [
    ...status.nodes.map(
      (node) => `${node.name}  ${node.state}  ${node.address}  omd ${node.daemon ? 'runs' : 'does not run'}`,
    ),
    ...status.cut.map((pair) => `cut  ${pair}`),
    ...status.isolated.map((name) => `isolated  ${name}`),
    ...status.disks.map((path) => `disk  ${path}`),
  ]
}
