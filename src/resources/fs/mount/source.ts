import { fail, ok, type Result } from '../../../core/result.js'
import { loopsOf } from '../../kit/losetup.js'
import { deviceNumbers, mountsOf, mountUnder, type Mount } from '../../kit/mounts.js'
import type { Look } from '../../look.js'

/** What is to be mounted, as far as it is there. */
export type Source =
  | {
      readonly kind: 'device'
      /** What mkfs and mount are given. */
      readonly path: string
      /** Names and numbers under which a mount of it is listed. */
      readonly names: readonly string[]
      readonly numbers: readonly string[]
    }
  /** A part of another file system, shown a second time. */
  | {
      readonly kind: 'part'
      readonly path: string
      readonly file: boolean
      readonly device: string
      readonly root: string
    }
  /** A server's export, or memory: known by name and type alone. */
  | { readonly kind: 'named'; readonly path: string; readonly types: readonly string[] }
  | { readonly kind: 'missing'; readonly path: string; readonly why: string }

const ASK_MS = 10_000

/** A block device, a regular file (mounted through a loop device), or a tag such as `LABEL=data`. */
export async function deviceSource(look: Look, dev: string): Promise<Result<Source>> {
  const path = /^[A-Z]+=/.test(dev) ? await taggedDevice(look, dev) : dev
  const found = path === null ? null : await look.io.files.stat(path)
  if (path === null || found === null) return ok({ kind: 'missing', path: dev, why: `${dev} is not there` })
  const real = await look.io.files.realpath(path)
  const names = real.ok ? [path, real.value] : [path]
  if (found.kind === 'block') return ok({ kind: 'device', path, names, numbers: [deviceNumbers(found.rdev)] })
  if (found.kind !== 'file')
    return ok({ kind: 'missing', path: dev, why: `${dev} is neither a device nor a regular file` })
  return backedByFile(look, path, names)
}

async function taggedDevice(look: Look, tag: string): Promise<string | null> {
  const argv = [
    'blkid',
    '--cache-file',
    '/dev/null',
    '--list-one',
    '--output',
    'device',
    '--match-token',
    tag,
  ]
  const found = await look.once(`device ${tag}`, (io) => io.exec.run(argv, { timeoutMs: ASK_MS }))
  return found.outcome === 'exited' && found.exit === 0 ? (found.stdout.split('\n')[0] ?? null) : null
}

async function backedByFile(look: Look, path: string, names: readonly string[]): Promise<Result<Source>> {
  const loops = await loopsOf(look)
  if (!loops.ok) return loops
  const own = loops.value.filter((loop) => names.includes(loop.backFile)).map((loop) => loop.name)
  const stats = await Promise.all(own.map((name) => look.io.files.stat(name)))
  const numbers = stats.flatMap((one) => (one === null ? [] : [deviceNumbers(one.rdev)]))
  return ok({ kind: 'device', path, names: own, numbers })
}

/** A directory or file of another file system. */
export async function partSource(look: Look, path: string): Promise<Result<Source>> {
  const mounts = await mountsOf(look)
  if (!mounts.ok) return mounts
  const found = await look.io.files.stat(path)
  const real = await look.io.files.realpath(path)
  if (found === null || !real.ok) return ok({ kind: 'missing', path, why: `${path} is not there` })
  const under = mountUnder(mounts.value, real.value)
  if (under === null) return fail('INTERNAL', `${real.value} is on no mount of /proc/self/mountinfo`)
  const rest = real.value.slice(under.point === '/' ? 0 : under.point.length)
  const root = `${under.root === '/' ? '' : under.root}${rest === '/' ? '' : rest}`
  const file = found.kind !== 'directory'
  return ok({ kind: 'part', path, file, device: under.device, root: root === '' ? '/' : root })
}

/** Is this mount one of the source? */
export function isOf(mount: Mount, source: Source): boolean {
  switch (source.kind) {
    case 'device':
      return source.numbers.includes(mount.device) || source.names.includes(mount.source)
    case 'part':
      return mount.device === source.device && mount.root === source.root
    case 'named':
      return source.types.includes(mount.type) && withoutSlash(mount.source) === withoutSlash(source.path)
    case 'missing':
      return mount.source === source.path
  }
}

const withoutSlash = (path: string): string => path.replace(/(?<=.)\/+$/, '')
