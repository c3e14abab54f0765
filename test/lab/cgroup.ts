// A cgroup per node in every version 1 hierarchy: what a node's processes are known by, frozen by and starved by.
import { mkdir, readFile, readdir, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LabError } from './failure.js'
import { kill } from './process.js'
import { eventually } from './wait.js'

export interface Hierarchy {
  /** As mount's `-o` wants them: `cpu,cpuacct`, or `name=systemd` for one without controllers. */
  readonly controllers: string
  readonly dir: string
}

/** The machine's version 1 hierarchies. */
export async function hierarchies(): Promise<Hierarchy[]> {
  const known = new Set(
    (await readFile('/proc/cgroups', 'utf8')).split('\n').flatMap((line) => line.split('\t')[0] || []),
  )
  const found = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ')
    const [type, , options] = right?.split(' ') ?? []
    const [, , , root, dir] = left?.split(' ') ?? []
    const controllers =
      options?.split(',').filter((option) => known.has(option) || option.startsWith('name=')) ?? []
    const fits = type === 'cgroup' && root === '/' && dir !== undefined && controllers.length > 0
    return fits ? [{ controllers: controllers.join(','), dir }] : []
  })
  if (!found.some((h) => h.controllers.split(',').includes('freezer'))) {
    throw new LabError(
      'the lab needs cgroup version 1 hierarchies: mount them (package cgroupfs-mount), or boot with systemd.unified_cgroup_hierarchy=0',
    )
  }
  return found
}

/** The cgroup folders of a lab (`lab`) or one of its nodes (`lab/node1`), one per hierarchy. */
export async function cgroupFolders(path: string): Promise<string[]> {
  return (await hierarchies()).map((h) => join(h.dir, 'longshore-lab', path))
}

export async function makeCgroups(path: string): Promise<void> {
  for (const dir of await cgroupFolders(path)) {
    for (const level of [dirname(dirname(dir)), dirname(dir), dir]) {
      await mkdir(level, { recursive: true })
      await inheritCpuset(level)
    }
  }
}

/** A new cpuset holds no processor and no memory, and takes no process until it does. */
async function inheritCpuset(dir: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const mine = await readFile(join(dir, file), 'utf8').catch(() => undefined)
    if (mine?.trim() !== '') continue
    await writeFile(join(dir, file), await readFile(join(dirname(dir), file), 'utf8'))
  }
}

/** Removes the cgroups of a lab or node, and those that its Docker made; false when one stays in use. */
export async function removeCgroups(path: string): Promise<boolean> {
  const folders = await cgroupFolders(path)
  const gone = await eventually(
    async () => (await Promise.all(folders.map(removeTree))).every((removed) => removed),
    { timeoutMs: 5000, everyMs: 20 },
  )
  // the common parent goes with the last lab
  for (const dir of folders) await rmdir(dirname(dir)).catch(() => undefined)
  return gone ?? false
}

async function removeTree(dir: string): Promise<boolean> {
  for (const child of await foldersIn(dir)) await removeTree(join(dir, child))
  return rmdir(dir).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  )
}

/** Every process of a lab or node, by the machine's numbers. */
export async function processesIn(path: string): Promise<number[]> {
  return processesBelow(await freezer(path))
}

async function processesBelow(dir: string): Promise<number[]> {
  const own = (await readFile(join(dir, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n')
  const below = await Promise.all((await foldersIn(dir)).map((child) => processesBelow(join(dir, child))))
  return [...own.flatMap((line) => Number(line) || []), ...below.flat()]
}

/** Stops every process of a node between two instructions, or lets them go on. */
export async function freeze(path: string, state: 'FROZEN' | 'THAWED'): Promise<void> {
  await writeFile(join(await freezer(path), 'freezer.state'), state)
}

/** FROZEN, FREEZING or THAWED; undefined where there is no such cgroup. */
export async function freezerState(path: string): Promise<string | undefined> {
  const text = await readFile(join(await freezer(path), 'freezer.state'), 'utf8').catch(() => undefined)
  return text?.trim()
}

/** Kills every process of a lab or node at one point in time; true when all are gone. */
export async function killAll(path: string): Promise<boolean> {
  if ((await freezerState(path)) === undefined) return true
  const gone = await eventually(
    async () => {
      const pids = await processesIn(path)
      for (const pid of pids) kill(pid, 'SIGKILL')
      // a frozen process dies when it is let go, before it runs again
      for (const dir of await thawable(path)) await writeFile(dir, 'THAWED').catch(() => undefined)
      return pids.length === 0
    },
    { timeoutMs: 10_000, everyMs: 5 },
  )
  return gone ?? false
}

async function thawable(path: string): Promise<string[]> {
  const dir = await freezer(path)
  const nodes = (await foldersIn(dir)).filter((name) => /^node\d$/.test(name))
  return [dir, ...nodes.map((name) => join(dir, name))].map((folder) => join(folder, 'freezer.state'))
}

async function freezer(path: string): Promise<string> {
  const found = (await hierarchies()).find((h) => h.controllers.split(',').includes('freezer'))
  return join(found?.dir ?? '', 'longshore-lab', path)
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}
