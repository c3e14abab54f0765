// Everything that is built once per machine, in order: system, kernel, container images, and the disk that holds them.
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { BUILD as LAB_BUILD, buildWith, cached, keyOf } from '../lab/cache.js'
import { prepareImages } from '../lab/image.js'
import { prepareRootfs } from '../lab/rootfs.js'

const BUILD = join(import.meta.dirname, 'build')
const GUEST = join(import.meta.dirname, 'guest')

export interface Prepared {
  readonly kernel: string
  /** A Docker data folder with all images in it. */
  readonly dockerSeed: string
  /** The disk without the product. */
  readonly base: string
}

/** Builds what the cache has not. */
export async function prepare(): Promise<Prepared> {
  const [rootfs, kernel] = [await prepareSystem(), await prepareKernel()]
  const archives = await prepareImages(await prepareRootfs())
  const seed = join(LAB_BUILD, 'seed.sh')
  const seedKey = await keyOf([seed], [rootfs, ...archives])
  const dockerSeed = await cached(`vm-docker-${seedKey}`, (path) =>
    buildWith(seed, path, rootfs, ...archives),
  )
  const files = [join(BUILD, 'image.sh'), join(BUILD, 'settle.sh'), ...(await filesUnder(GUEST))]
  const base = await cached(`vm-image-${await keyOf(files, [rootfs, kernel, dockerSeed])}`, (path) =>
    buildWith(join(BUILD, 'image.sh'), path, rootfs, kernel, dockerSeed, GUEST),
  )
  return { kernel, dockerSeed, base }
}

async function prepareSystem(): Promise<string> {
  const node = await realpath(process.execPath)
  const files = ['rootfs.sh', 'nodejs.sh', 'packages'].map((name) => join(BUILD, name))
  const key = await keyOf(files, [process.version])
  return cached(`vm-rootfs-${key}`, (path) => buildWith(join(BUILD, 'rootfs.sh'), path, node))
}

async function prepareKernel(): Promise<string> {
  const key = await keyOf([join(BUILD, 'kernel.sh')])
  return cached(`vm-kernel-${key}`, (path) => buildWith(join(BUILD, 'kernel.sh'), path))
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}
