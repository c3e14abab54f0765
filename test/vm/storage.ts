// The storage: a machine that is no node, with disks that it serves by iSCSI, from Linux's own target.
import { LabError } from '../lab/failure.js'
import { nodeName, numbersOf, type Place } from '../lab/place.js'
import type { Agent } from './agent.js'
import { storageAddress } from './cable.js'
import { deviceOf } from './disk.js'
import { plugInto } from './hotplug.js'
import { storageNumber, type MachinePlan, type SharedDisk } from './place.js'

/** The device of a served disk in every node. */
export const servedDevice = (plan: MachinePlan, index: number): string =>
  `/dev/disk/by-path/ip-${storageAddress(storageNumber(plan))}:3260-iscsi-iqn.2026-01.lab:storage-lun-${index}`

/** Plugs a disk into the storage, has it served, and logs every node in. */
export async function serve(
  place: Place,
  plan: MachinePlan,
  agents: (n: number) => Agent,
  disk: SharedDisk,
  index: number,
): Promise<void> {
  const storage = storageNumber(plan)
  await plugInto(place, storage, disk)
  const device = deviceOf(disk)
  await must(agents(storage), 'the storage', ['udevadm', 'settle', `--exit-if-exists=${device}`])
  await must(agents(storage), 'the storage', ['lab-target', device, `${index}`])
  const there = servedDevice(plan, index)
  await Promise.all(
    numbersOf(plan).map(async (n) => {
      await must(agents(n), nodeName(n), ['lab-initiator', storageAddress(storage)])
      await must(agents(n), nodeName(n), ['udevadm', 'settle', `--exit-if-exists=${there}`])
      await must(agents(n), nodeName(n), ['test', '-b', there])
    }),
  )
}

async function must(agent: Agent, who: string, argv: readonly string[]): Promise<void> {
  const { exit, stderr } = await agent.exec(argv, { timeoutMs: 120_000 })
  if (exit !== 0) throw new LabError(`${argv[0]} on ${who} ended with ${exit}: ${stderr.trim()}`)
}
