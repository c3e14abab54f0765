// Removing a lab, whatever state it is in: brought down in order, killed half-way up, or never there.
import { readFile, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { killAll, removeCgroups } from './cgroup.js'
import { freeLoops } from './disk.js'
import { LabError } from './failure.js'
import { removeNamespace } from './network.js'
import { readRecord, storeFolder, type Place } from './place.js'
import { endProcess, readStarted } from './process.js'

/** Ends every process of a lab and removes every trace of it on the machine. */
export async function sweep(place: Place): Promise<void> {
  // first, because process 1 of a paused node does not die before it is let go
  await killAll(place.name)
  await endRecorded(place)
  if (!(await killAll(place.name))) {
    throw new LabError(
      `a process of lab ${place.name} does not die: look for one in state D (ps), then "lab down" again`,
    )
  }
  const store = (await readRecord(place))?.store ?? storeFolder(place.name)
  await freeLoops({ store, devices: await devicesOf(place) })
  for (const namespace of await namespacesOf(place)) await removeNamespace(namespace)
  if (!(await removeCgroups(place.name))) {
    throw new LabError(`the cgroups of lab ${place.name} stay in use: try "lab down" again`)
  }
  await rm(store, { recursive: true, force: true, maxRetries: 5 })
  await rm(place.run, { recursive: true, force: true })
  await rmdir(dirname(place.run)).catch(() => undefined)
}

/** Processes outside the nodes' cgroups, and process 1 of nodes whose cgroup was not yet made. */
async function endRecorded(place: Place): Promise<void> {
  for (const entry of await readdir(place.run, { withFileTypes: true }).catch(() => [])) {
    const file = entry.isDirectory() ? join(place.run, entry.name, 'init') : join(place.run, entry.name)
    if (!entry.isDirectory() && !entry.name.endsWith('.pid')) continue
    const started = await readStarted(file)
    if (started !== undefined && !(await endProcess(started))) {
      throw new LabError(`process ${started.pid} of lab ${place.name} does not die: end it, then try again`)
    }
  }
}

/** The filesystems that the nodes had as their roots: loop devices over files there are the nodes' own. */
async function devicesOf(place: Place): Promise<string[]> {
  const entries = await readdir(place.run).catch(() => [])
  const devices = await Promise.all(
    entries.map((entry) => readFile(join(place.run, entry, 'device'), 'utf8').catch(() => '')),
  )
  return devices.map((device) => device.trim()).filter((device) => device !== '')
}

async function namespacesOf(place: Place): Promise<string[]> {
  const names = await readdir('/run/netns').catch(() => [])
  return names.filter((name) => name.startsWith(`lsl-${place.name}-`))
}
