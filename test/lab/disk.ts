// Shared disks: loop devices, which every node sees.
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from './failure.js'
import { ask, run } from './command.js'
import type { LabRecord } from './place.js'
import { eventually } from './wait.js'

interface Loop {
  readonly name: string
  readonly 'back-file': string
  readonly 'maj:min': string
  readonly 'back-maj:min': string
}

function disksFolder(store: string): string {
  return join(store, 'disks')
}

/** Makes a disk of the given size (`512M`, `2G`) and returns its device. */
export async function makeDisk(record: LabRecord, size: string): Promise<string> {
  const bytes = bytesOf(size)
  const dir = disksFolder(record.store)
  await mkdir(dir, { recursive: true })
  const file = join(dir, `disk${(await readdir(dir)).length}-${process.pid}`)
  await writeFile(file, '', { flag: 'wx' })
  await truncate(file, bytes)
  // direct I/O: what a node wrote and synced is in the file, not in a second cache
  return (await run(['losetup', '--find', '--show', '--nooverlap', file])).trim()
}

export async function disksOf(store: string): Promise<{ path: string; file: string }[]> {
  const folder = `${disksFolder(store)}/`
  return (await loops())
    .filter((loop) => loop['back-file'].startsWith(folder))
    .map((loop) => ({ path: loop.name, file: loop['back-file'] }))
}

/** Frees every loop device over files in a lab's store, or on the given filesystems, or on one of those. */
export async function freeLoops(owned: {
  readonly store?: string
  readonly devices: readonly string[]
}): Promise<void> {
  const left = await eventually(
    async () => {
      const mine = owner(await loops(), owned)
      // the last made first: it may lie on another
      for (const loop of mine.toReversed()) await ask(['losetup', '--detach', loop.name])
      return mine.length === 0
    },
    { timeoutMs: 10_000, everyMs: 50 },
  )
  if (left === undefined) {
    throw new LabError(
      'a loop device of this lab stays in use: unmount it (losetup -l shows it), then try again',
    )
  }
}

function owner(
  all: readonly Loop[],
  owned: { readonly store?: string; readonly devices: readonly string[] },
): Loop[] {
  const devices = new Set(owned.devices)
  const mine: Loop[] = []
  for (const loop of all) {
    const inStore = owned.store !== undefined && loop['back-file'].startsWith(`${owned.store}/`)
    if (!inStore && !devices.has(loop['back-maj:min'])) continue
    mine.push(loop)
    devices.add(loop['maj:min'])
  }
  return mine
}

async function loops(): Promise<Loop[]> {
  const columns = 'NAME,BACK-FILE,MAJ:MIN,BACK-MAJ:MIN'
  const text = await run(['losetup', '--list', '--json', '--output', columns])
  if (text.trim() === '') return []
  const listed = JSON.parse(text) as { loopdevices: Loop[] }
  return listed.loopdevices.map((loop) => ({
    ...loop,
    'maj:min': loop['maj:min'].trim(),
    'back-maj:min': loop['back-maj:min'].trim(),
  }))
}

/** Bytes of a size as it is typed: `512M`, `2G`. */
export function bytesOf(size: string): number {
  const found = /^(\d+)([KMGT]?)$/i.exec(size)
  if (found === null) throw new LabError(`"${size}" is no size: write it as 512M or 2G`)
  return Number(found[1]) * 1024 ** ' KMGT'.indexOf((found[2] || ' ').toUpperCase())
}
