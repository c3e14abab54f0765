// Where a set of machines is: as a lab, under names of its own.
import { join } from 'node:path'
import type { LabRecord, Place, Plan } from '../lab/place.js'
import { nodeName, numbersOf, placeOf, storeFolder } from '../lab/place.js'

/** What was asked for, beyond what a lab can be asked. */
export interface MachinePlan extends Plan {
  /** MiB of memory of each machine. */
  readonly memoryMb: number
  /** One machine more, which is no node: it serves disks over a network of their own. */
  readonly storage?: boolean
}

/** What `up` writes down for the commands that come after it. */
export interface MachineRecord extends LabRecord {
  readonly plan: MachinePlan
  /** Debian's kernel: `vmlinuz`, `initrd`, `lib/modules`. */
  readonly kernel: string
  /** The disk that each machine's own is a layer on. */
  readonly base: string
  /** Shared by all machines, in the order in which they were made. */
  readonly disks: readonly SharedDisk[]
  /** Plugged into the storage alone, and served by it. */
  readonly served: readonly SharedDisk[]
}

export interface SharedDisk {
  readonly file: string
  readonly serial: string
}

/** The storage comes after the nodes. */
export const storageNumber = (plan: MachinePlan): number => plan.nodes + 1

/** Every machine, the storage among them. */
export const machineNumbers = (plan: MachinePlan): number[] => [
  ...numbersOf(plan),
  ...(plan.storage === true ? [storageNumber(plan)] : []),
]

/** Machines have folders and namespaces beside a lab's of the same name. */
export function machinePlaceOf(name: string): Place {
  const place = placeOf(name)
  return { ...place, run: join('/run/longshore-vm', name), switchNamespace: `lsv-${name}-sw` }
}

export function machineStore(name: string): string {
  return storeFolder(`vm-${name}`)
}

/** Sockets, process number and logs of a machine. */
export function machineFolder(place: Place, n: number): string {
  return join(place.run, nodeName(n))
}
