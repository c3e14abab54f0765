import { posix } from 'node:path'
import { fail, ok, type Result } from '../../../core/result.js'
import { listOf, textOf, type Act, type Context, type DoStep } from '../../driver.js'
import { numericOwner, optionValues } from './run-arguments.js'

/** A bind source under a filesystem of the same service. */
export interface Bind {
  readonly source: string
  readonly mountPoint: string
  readonly rid: string
}

/**
 * Sources of binds that lie under one of the service's own filesystems. Docker would make a missing one itself, owned by root, and on the
 * node's own disk where the filesystem is not mounted; podman would not run the container.
 */
export function bindsOf(ctx: Context): readonly Bind[] {
  const mounts = ctx.service.resources.flatMap((resource) => {
    const mnt = resource.group === 'fs' ? textOf(resource, 'mnt') : null
    return mnt === null || resource.disable ? [] : [{ rid: resource.rid, mountPoint: posix.resolve(mnt) }]
  })
  return sourcesOf(ctx).flatMap((source) => {
    const under = mounts.filter(({ mountPoint }) => isUnder(source, mountPoint))
    const deepest = under.sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0]
    return deepest === undefined ? [] : [{ source, ...deepest }]
  })
}

function isUnder(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

/** Absolute paths on the node; a volume's name is no path. */
function sourcesOf(ctx: Context): readonly string[] {
  const words = listOf(ctx.resource, 'run_args')
  const volumes = [...listOf(ctx.resource, 'volume_mounts'), ...optionValues(words, ['--volume', '-v'])]
  const fromVolumes = volumes
    .filter((volume) => volume.includes(':'))
    .map((volume) => volume.split(':')[0] ?? '')
  const fromMounts = optionValues(words, ['--mount']).flatMap(bindSource)
  const paths = [...fromVolumes, ...fromMounts].filter((source) => source.startsWith('/'))
  return [...new Set(paths.map((source) => posix.resolve(source)))]
}

/** `type=bind,source=/srv/db1,target=/data` */
function bindSource(mount: string): readonly string[] {
  const fields = new Map(
    mount.split(',').map((field) => [field.split('=')[0], field.split('=').slice(1).join('=')]),
  )
  const source = fields.get('source') ?? fields.get('src')
  return fields.get('type') === 'bind' && source !== undefined ? [source] : []
}

/** Makes the missing ones, for the container's user, where their filesystem is mounted; refuses where it is not. */
export function bindSteps(ctx: Context): readonly DoStep[] {
  return bindsOf(ctx).map((bind) => ({
    kind: 'do',
    text: `checking ${bind.source} on ${bind.rid}`,
    run: (act) => haveSource(ctx, act, bind),
  }))
}

async function haveSource(ctx: Context, act: Act, bind: Bind): Promise<Result<void>> {
  const mounted = await isMounted(act, bind.mountPoint)
  if (!mounted.ok) return mounted
  if (!mounted.value) {
    return fail(
      'CONFLICT',
      `${bind.source} would be made outside of ${bind.rid}, which is not mounted on ${bind.mountPoint}: ` +
        `start it first (om ${ctx.service.name} start --local --rid ${bind.rid})`,
    )
  }
  const missing = await missingDirectories(act, bind)
  for (const directory of missing) {
    const made = await makeDirectory(ctx, act, directory)
    if (!made.ok) return made
  }
  return ok(undefined)
}

async function makeDirectory(ctx: Context, act: Act, directory: string): Promise<Result<void>> {
  const { files } = act.io
  const owner = numericOwner(ctx)
  const made = await files.makeDirectory(directory)
  if (!made.ok) return made
  if (owner !== null) {
    const owned = await files.chown(directory, owner.uid, owner.gid)
    if (!owned.ok) return owned
  }
  act.log('info', `made ${directory}${owner === null ? '' : `, owned by ${owner.uid}:${owner.gid}`}`)
  return ok(undefined)
}

/** Highest first. */
async function missingDirectories(act: Act, bind: Bind): Promise<readonly string[]> {
  const missing: string[] = []
  let path = bind.source
  while (path !== bind.mountPoint && (await act.io.files.stat(path)) === null) {
    missing.unshift(path)
    path = posix.dirname(path)
  }
  return missing
}

async function isMounted(act: Act, mountPoint: string): Promise<Result<boolean>> {
  const table = await act.io.files.read('/proc/self/mountinfo')
  if (!table.ok) return table
  const real = await act.io.files.realpath(mountPoint)
  if (!real.ok) return ok(false)
  return ok(table.value.split('\n').some((line) => unescaped(line.split(' ')[4] ?? '') === real.value))
}

/** Blanks and backslashes are octal in the mount table (proc(5)). */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
