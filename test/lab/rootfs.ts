import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BUILD, buildWith, cached, keyOf } from './cache.js'

/** The root filesystem that every node is an overlay on; built where the cache has none. */
export async function prepareRootfs(): Promise<string> {
  const node = await realpath(process.execPath)
  const key = await keyOf([join(BUILD, 'rootfs.sh')], [process.version, await digest(node)])
  return cached(`rootfs-${key}`, (path) => buildWith('rootfs.sh', path, node))
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha1')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
