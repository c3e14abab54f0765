// The product as users install it: a Debian package, brought to a machine on a disk.
import { cp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LabError } from '../lab/failure.js'
import { nodeName, nodeStore, type Place } from '../lab/place.js'
import type { Agent } from './agent.js'
import { deviceOf } from './disk.js'
import { plugInto, unplug } from './hotplug.js'
import type { MachineRecord } from './place.js'

/** The package that `make deb` built last. */
export async function builtPackage(place: Place): Promise<string> {
  const folder = join(place.checkout, 'dist-deb')
  const names = await readdir(folder).catch((): string[] => [])
  const files = names.filter((name) => /^longshore_.*\.deb$/.test(name)).map((name) => join(folder, name))
  const dated = await Promise.all(files.map(async (file) => ({ file, builtMs: (await stat(file)).mtimeMs })))
  const [newest] = dated.toSorted((a, b) => b.builtMs - a.builtMs)
  if (newest === undefined) throw new LabError('there is no package of the product: run "make deb" first')
  return newest.file
}

/** Copies a file into `/root` of a machine, without its networks; returns where it is. */
export async function bring(
  place: Place,
  record: MachineRecord,
  n: number,
  agent: Agent,
  file: string,
): Promise<string> {
  const disk = { file: join(nodeStore(record, n), 'brought.raw'), serial: 'brought' }
  const { size } = await stat(file)
  await cp(file, disk.file)
  // a disk ends at a whole sector
  await truncate(disk.file, Math.ceil(size / 512) * 512)
  await plugInto(place, n, disk)
  const target = join('/root', basename(file))
  const device = deviceOf(disk)
  const copied = await agent.exec([
    'sh',
    '-c',
    `udevadm settle --timeout=20 --exit-if-exists=${device}; head --bytes=${size} ${device} >${target}`,
  ])
  if (copied.exit !== 0)
    throw new LabError(`${basename(file)} does not reach ${nodeName(n)}: ${copied.stderr.trim()}`)
  await unplug(place, n, disk)
  await rm(disk.file)
  return target
}

/** Installs a package of the product. */
export async function install(agent: Agent, n: number, path: string): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const ran = await agent.exec(['dpkg', '--force-unsafe-io', '--install', path], { timeoutMs: 300_000, env })
  if (ran.exit !== 0)
    throw new LabError(`${basename(path)} cannot be installed on ${nodeName(n)}: ${ran.stderr.trim()}`)
}
