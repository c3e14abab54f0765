import { nodeName, numbersOf, type Place } from '../lab/place.js'
import { blockdev, device } from './disk.js'
import { machineOf } from './machine.js'
import { until } from '../lab/wait.js'
import { withMonitor } from './monitor.js'
import type { MachineRecord, SharedDisk } from './place.js'

/** Plugs a disk into each machine that is on; the others find it at their next boot. */
export async function plugDisk(place: Place, record: MachineRecord, disk: SharedDisk): Promise<void> {
  for (const n of numbersOf(record.plan)) {
    if ((await machineOf(place, n)) !== undefined) await plugInto(place, n, disk)
  }
}

/** Plugs a disk into one machine that is on. */
export async function plugInto(place: Place, n: number, disk: SharedDisk): Promise<void> {
  await withMonitor(place, n, async (monitor) => {
    await monitor.ask('blockdev-add', blockdev(disk))
    await monitor.ask('device_add', device(disk))
  })
}

/** Pulls a disk out of one machine, as a cable that breaks; at its next boot the machine has it again. */
export async function pullDisk(place: Place, n: number, disk: SharedDisk): Promise<void> {
  await withMonitor(place, n, (monitor) => monitor.ask('device_del', { id: `disk-${disk.serial}` }))
}

const UNPLUG_MS = 20_000

/** Takes a disk out of one machine for good. */
export async function unplug(place: Place, n: number, { serial }: SharedDisk): Promise<void> {
  const id = `disk-${serial}`
  await withMonitor(place, n, async (monitor) => {
    await monitor.ask('device_del', { id })
    const gone = async (): Promise<boolean> =>
      monitor.events.some(({ name, data }) => name === 'DEVICE_DELETED' && data['device'] === id)
    await until(gone, { timeoutMs: UNPLUG_MS, everyMs: 10, or: `the disk ${serial} stays in ${nodeName(n)}` })
    await monitor.ask('blockdev-del', { 'node-name': serial })
  })
}
