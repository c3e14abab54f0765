// Container images without a registry: folders made from Debian's packages, packed as `docker load` reads them.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BUILD, buildWith, cached, keyOf } from './cache.js'
import { run } from './command.js'

/** What the image starts and how, as in an image's configuration. */
interface Setting {
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly StopSignal?: string
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const SMALL = {
  pause: { tag: 'google/pause:latest', setting: { Entrypoint: ['/bin/pause'] } },
  web: { tag: 'web:latest', setting: { Cmd: ['/bin/web'], Env: [PATH] } },
  busybox: { tag: 'busybox:latest', setting: { Cmd: ['sh'], Env: [PATH] } },
} as const

const POSTGRES: Setting = {
  Entrypoint: ['/usr/local/bin/entry'],
  Cmd: ['postgres'],
  Env: [PATH, 'PGDATA=/var/lib/postgresql/data', 'LANG=C.UTF-8'],
  User: '999:999',
  WorkingDir: '/var/lib/postgresql',
  // to PostgreSQL: disconnect everyone, write everything, end
  StopSignal: 'SIGINT',
}

/** The archives of all images, built where the cache has none. */
export async function prepareImages(rootfs: string): Promise<string[]> {
  const small = ['small.sh', 'pause.c', 'web.c'].map((name) => join(BUILD, name))
  const postgres = ['postgres.sh', 'postgres-entry.sh'].map((name) => join(BUILD, name))
  return [
    await cached(`images-small-${await keyOf(small, [rootfs, JSON.stringify(SMALL)])}`, (path) =>
      buildSmall(path, rootfs),
    ),
    await cached(`images-postgres-${await keyOf(postgres, [JSON.stringify(POSTGRES)])}`, buildPostgres),
  ]
}

async function buildSmall(path: string, rootfs: string): Promise<void> {
  const roots = `${path}-roots`
  await rm(roots, { recursive: true, force: true })
  await buildWith('small.sh', roots, rootfs)
  const images = Object.entries(SMALL).map(([name, image]) => ({ ...image, root: join(roots, name) }))
  await pack(path, images)
  await rm(roots, { recursive: true })
}

async function buildPostgres(path: string): Promise<void> {
  const root = `${path}-root`
  await rm(root, { recursive: true, force: true })
  await buildWith('postgres.sh', root)
  await pack(path, [{ tag: 'postgres:latest', setting: POSTGRES, root }])
  await rm(root, { recursive: true })
}

interface Image {
  readonly tag: string
  readonly setting: Setting
  readonly root: string
}

/** Writes one archive of several images, a layer each. */
async function pack(archive: string, images: readonly Image[]): Promise<void> {
  const dir = `${archive}-parts`
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  const manifest = []
  for (const { tag, setting, root } of images) {
    const layer = `${tag.replace(/[^a-z0-9]/g, '-')}.tar`
    await run([
      'tar',
      '--create',
      '--numeric-owner',
      '--sort=name',
      '--file',
      join(dir, layer),
      '--directory',
      root,
      '.',
    ])
    const config = `${layer}.json`
    await writeFile(join(dir, config), JSON.stringify(configOf(setting, await digest(join(dir, layer)))))
    manifest.push({ Config: config, RepoTags: [tag], Layers: [layer] })
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest))
  await run(['tar', '--create', '--file', archive, '--directory', dir, '.'])
  await rm(dir, { recursive: true })
}

function configOf(setting: Setting, layer: string): object {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  return {
    architecture,
    os: 'linux',
    config: setting,
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
  }
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
