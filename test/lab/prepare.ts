// Everything that is built once per machine, in order.
import { join } from 'node:path'
import { BUILD, buildWith, cached, keyOf } from './cache.js'
import { prepareImages } from './image.js'
import { prepareRootfs } from './rootfs.js'

export interface Prepared {
  readonly rootfs: string
  /** A Docker data folder with all images in it. */
  readonly dockerSeed: string
}

/** Builds what the cache has not: the nodes' root filesystem, the images, a Docker folder holding them. */
export async function prepare(): Promise<Prepared> {
  const rootfs = await prepareRootfs()
  const archives = await prepareImages(rootfs)
  const key = await keyOf([join(BUILD, 'seed.sh')], [rootfs, ...archives])
  const dockerSeed = await cached(`docker-${key}`, (path) => buildWith('seed.sh', path, rootfs, ...archives))
  return { rootfs, dockerSeed }
}
