import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DriverPorts } from '../../src/resources/driver.js'
import type { Resource, Value } from '../../src/core/service.js'
import { container as dockerContainer, IMAGE, OTHER_IMAGE, run } from './docker-engine.js'

/** A place of its own for podman's containers and images, for one test file, with two images; no registry is asked. */
export interface PodmanEngine {
  readonly root: string
  end(): Promise<void>
}

/** A container resource of the images that podman has. */
export const container = (rid: string, keywords: Readonly<Record<string, Value>> = {}): Resource => ({
  ...dockerContainer(rid, keywords),
  type: 'podman',
})

/** The environment of this process says where the place is: every podman command of the drivers finds it so. */
export async function startPodman(io: DriverPorts): Promise<PodmanEngine> {
  const root = mkdtempSync(join(tmpdir(), 'lsu-podman-'))
  writeFileSync(join(root, 'storage.conf'), storage(root))
  writeFileSync(join(root, 'containers.conf'), containers(root))
  process.env['CONTAINERS_STORAGE_CONF'] = join(root, 'storage.conf')
  process.env['CONTAINERS_CONF'] = join(root, 'containers.conf')
  const end = (): Promise<void> => endPodman(io, root)
  try {
    await importImages(io, root)
  } catch (error) {
    await end()
    throw error
  }
  return { root, end }
}

const storage = (root: string): string => `[storage]
driver = "overlay"
graphroot = "${root}/data"
runroot = "${root}/run"
`

// Limits as high as podman's own are not everybody's to give; crun knows no hierarchy of both kinds of control groups.
const containers = (root: string): string => `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "${existsSync('/sys/fs/cgroup/unified') ? 'runc' : 'crun'}"
tmp_dir = "${root}/tmp"
`

async function importImages(io: DriverPorts, root: string): Promise<void> {
  const files = join(root, 'image')
  mkdirSync(join(files, 'bin'), { recursive: true })
  mkdirSync(join(files, 'tmp'))
  copyFileSync('/bin/busybox', join(files, 'bin/busybox'))
  for (const name of ['sh', 'sleep', 'cat', 'id', 'echo', 'touch'])
    symlinkSync('busybox', join(files, 'bin', name))
  const tar = join(root, 'image.tar')
  await run(io, ['tar', '-C', files, '-cf', tar, '.'])
  const waiting = 'CMD ["sh","-c","trap \'exit 0\' TERM; while :; do sleep 1 & wait; done"]'
  await run(io, ['podman', 'import', '--change', waiting, tar, `${IMAGE}:latest`])
  await run(io, ['podman', 'import', tar, OTHER_IMAGE])
}

async function endPodman(io: DriverPorts, root: string): Promise<void> {
  // those that share another's namespaces go first
  for (let tries = 0; tries < REMOVE_TRIES; tries += 1) {
    const removed = await io.exec.run(['podman', 'rm', '--all', '--force', '--time', '0'], {
      timeoutMs: 60_000,
    })
    if (removed.exit === 0) break
  }
  for (const name of ['CONTAINERS_STORAGE_CONF', 'CONTAINERS_CONF']) delete process.env[name]
  for (const point of mountsUnder(root)) await io.exec.run(['umount', point], { timeoutMs: 10_000 })
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}

const REMOVE_TRIES = 5

/** The storage keeps its own folder mounted on itself. Innermost first. */
const mountsUnder = (root: string): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${root}/`))
    .toSorted((a, b) => b.length - a.length)
