// The life of a node: boot, crash, pause, resume.
import { createHash, randomUUID } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { exists } from './cache.js'
import { cgroupFolders, freeze, hierarchies, killAll, makeCgroups, removeCgroups } from './cgroup.js'
import { run, words } from './command.js'
import { freeLoops } from './disk.js'
import { initOf, mustBeUp, mustRun } from './exec.js'
import { LabError } from './failure.js'
import { nodeAddress, plug, silence, unplug, unsilence } from './network.js'
import {
  nodeName,
  nodeNamespace,
  nodeState,
  nodeStore,
  numbersOf,
  type LabRecord,
  type Place,
} from './place.js'
import { endProcess } from './process.js'
import { until } from './wait.js'

const GUEST = join(import.meta.dirname, 'guest')

/** Starts a node's namespaces and process 1; what runs in it comes after. */
export async function startNode(place: Place, record: LabRecord, n: number): Promise<void> {
  if ((await initOf(place, n)) !== undefined) {
    throw new LabError(`${nodeName(n)} is up already: crash it first with "lab crash ${nodeName(n)}"`)
  }
  const [state, store] = [nodeState(place, n), nodeStore(record, n)]
  await clearLeftovers(place, n)
  for (const dir of ['upper', 'work', 'root', 'docker']) await mkdir(join(store, dir), { recursive: true })
  await mkdir(state, { recursive: true })
  for (const file of ['init', 'ready', 'device']) await rm(join(state, file), { force: true })
  await writeFile(join(state, 'boot_id'), `${randomUUID()}\n`)
  await writeIdentity(place, record, n)
  await plug(place, n)
  await makeCgroups(`${place.name}/${nodeName(n)}`)
  await launch(place, record, n)
}

/** A crashed node's network namespace and cgroups outlive it; so they do when the lab was killed half-way. */
async function clearLeftovers(place: Place, n: number): Promise<void> {
  await killAll(`${place.name}/${nodeName(n)}`)
  await unplug(place, n)
  await removeCgroups(`${place.name}/${nodeName(n)}`)
}

/** The files that make this overlay this node. They are written once: what a node changed, stays. */
async function writeIdentity(place: Place, record: LabRecord, n: number): Promise<void> {
  const etc = join(nodeStore(record, n), 'upper/etc')
  if (await exists(etc)) return
  await mkdir(etc, { recursive: true })
  const names = numbersOf(record.plan).map((i) => `${nodeAddress(i)} ${nodeName(i)}`)
  await writeFile(join(etc, 'hosts'), ['127.0.0.1 localhost', '::1 localhost', ...names, ''].join('\n'))
  await writeFile(join(etc, 'hostname'), `${nodeName(n)}\n`)
  const id = createHash('md5')
    .update(`${place.name} ${nodeName(n)}`)
    .digest('hex')
  await writeFile(join(etc, 'machine-id'), `${id}\n`)
  if (record.plan.docker) await plantDocker(record.dockerSeed, join(nodeStore(record, n), 'docker'))
}

/** Layers are never written to, so they are linked; the rest is copied. */
async function plantDocker(seed: string, docker: string): Promise<void> {
  await run([
    'cp',
    '--archive',
    '--link',
    '--no-target-directory',
    join(seed, 'overlay2'),
    join(docker, 'overlay2'),
  ])
  await cp(join(seed, 'image'), join(docker, 'image'), { recursive: true, preserveTimestamps: true })
}

// the caller's shell joins the cgroups, so that the cgroup namespace has them as its roots
const LAUNCH = `for dir in $1; do echo $$ >"$dir/cgroup.procs" || exit 1; done; log=$2; shift 2; exec "$@" >"$log" 2>&1`

async function launch(place: Place, record: LabRecord, n: number): Promise<void> {
  const state = nodeState(place, n)
  const folders = await cgroupFolders(`${place.name}/${nodeName(n)}`)
  const log = join(state, 'log')
  const namespaces = words(
    'unshare --mount --pid --uts --ipc --cgroup --propagation private --fork --kill-child',
  )
  const network = `--net=/run/netns/${nodeNamespace(place, n)}`
  const init = ['nsenter', network, ...namespaces, 'bash', join(GUEST, 'init.sh')]
  const child = execa('sh', ['-c', LAUNCH, 'lab', folders.join(' '), log, ...init], {
    detached: true,
    cleanup: false,
    reject: false,
    stdio: 'ignore',
    extendEnv: false,
    env: await initEnvironment(place, record, n),
  })
  child.unref()
  const isReady = async () => (await readFile(join(state, 'ready'), 'utf8').catch(() => '')) !== ''
  const slow = `${nodeName(n)} did not boot within 20 s: read ${log}`
  await until(async () => child.exitCode !== null || (await isReady()), {
    timeoutMs: 20_000,
    everyMs: 5,
    or: slow,
  })
  if (child.exitCode !== null) {
    const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-3).join('; ')
    throw new LabError(`${nodeName(n)} did not boot (${said}): run "lab down", then "lab up" again`)
  }
}

async function initEnvironment(
  place: Place,
  record: LabRecord,
  n: number,
): Promise<{ [name: string]: string }> {
  return {
    PATH: process.env['PATH'] ?? '',
    LAB_NODE: nodeName(n),
    LAB_STATE: nodeState(place, n),
    LAB_STORE: nodeStore(record, n),
    LAB_ROOTFS: record.rootfs,
    LAB_CHECKOUT: place.checkout,
    LAB_CGROUPS: (await hierarchies()).map((hierarchy) => hierarchy.controllers).join(' '),
  }
}

/** Power loss: silence at once on all networks, then every process gone, and with them every mount. */
export async function crash(place: Place, n: number): Promise<void> {
  await mustBeUp(place, n)
  await stopNode(place, n)
}

/** As crash, for a node in any state. */
export async function stopNode(place: Place, n: number): Promise<void> {
  const path = `${place.name}/${nodeName(n)}`
  // frozen first: no process sees its cable pulled
  await freeze(path, 'FROZEN').catch(() => undefined)
  await silence(place, n).catch(() => undefined)
  const init = await initOf(place, n)
  // process 1 leaves its cgroup before it has seen all others off, so its own end is waited for too
  if (!(await killAll(path)) || (init !== undefined && !(await endProcess(init)))) {
    throw new LabError(
      `a process of ${nodeName(n)} does not die: look for one in state D (ps), then try again`,
    )
  }
  await unplug(place, n)
  const device = await readFile(join(nodeState(place, n), 'device'), 'utf8').catch(() => '')
  if (device !== '') await freeLoops({ devices: [device.trim()] })
  if (!(await removeCgroups(path))) {
    throw new LabError(`the cgroups of ${nodeName(n)} stay in use: try "lab crash ${nodeName(n)}" again`)
  }
}

/** Stops the node's processes between two instructions, and its links: the kernel would answer for them. */
export async function pause(place: Place, n: number): Promise<void> {
  await mustRun(place, n)
  await freeze(`${place.name}/${nodeName(n)}`, 'FROZEN')
  await silence(place, n)
}

export async function resume(place: Place, n: number): Promise<void> {
  await mustBeUp(place, n)
  await unsilence(place, n)
  await freeze(`${place.name}/${nodeName(n)}`, 'THAWED')
}
