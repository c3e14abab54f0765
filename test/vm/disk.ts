// Disks that all machines see, each with a serial number by which a node finds it wherever it is plugged.
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesOf } from '../lab/disk.js'
import type { MachineRecord, SharedDisk } from './place.js'

/** Makes the file of a disk; sparse. `size` as `512M` or `2G`. The serial number is its name, too. */
export async function newDisk(record: MachineRecord, size: string, serial: string): Promise<SharedDisk> {
  const bytes = bytesOf(size)
  const folder = join(record.store, 'disks')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${serial}.raw`)
  await writeFile(file, '', { flag: 'wx' })
  await truncate(file, bytes)
  return { file, serial }
}

/** The device of a disk in every machine. */
export function deviceOf({ serial }: SharedDisk): string {
  return `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_${serial}`
}

/** The file of a disk as QEMU's monitor is told; written through, so that what one machine wrote, the other one reads. */
export const blockdev = ({ file, serial }: SharedDisk) => ({
  driver: 'raw',
  'node-name': serial,
  file: { driver: 'file', filename: file, locking: 'off', cache: { direct: true } },
})

/** The disk itself, on the bus that all machines have. */
export const device = ({ serial }: SharedDisk) => ({
  driver: 'scsi-hd',
  id: `disk-${serial}`,
  bus: 'shared.0',
  drive: serial,
  'share-rw': true,
  serial,
})

/** For a machine that is switched on later. */
export function diskArguments(disk: SharedDisk): string[] {
  return ['-blockdev', JSON.stringify(blockdev(disk)), '-device', JSON.stringify(device(disk))]
}
