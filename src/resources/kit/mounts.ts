import { ok, type Result } from '../../core/result.js'
import type { Look } from '../look.js'

/** One line of /proc/PID/mountinfo (proc(5)). */
export interface Mount {
  readonly id: number
  /** `major:minor` of the file system. */
  readonly device: string
  /** Directory of the file system that is shown. */
  readonly root: string
  readonly point: string
  readonly type: string
  readonly source: string
  /** Options of the file system itself, as `ro`. */
  readonly superOptions: readonly string[]
}

/** What is mounted on this node, in the order in which it was; asked once a look. */
export function mountsOf(look: Look): Promise<Result<readonly Mount[]>> {
  return look.once('mounts', async (io) => {
    const text = await io.files.read('/proc/self/mountinfo')
    return text.ok ? ok(parseMountinfo(text.value)) : text
  })
}

/** Mounts in the order in which they were made (proc_pid_mountinfo(5)); a line that does not parse is left out. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text
    .split('\n')
    .map(parseLine)
    .filter((mount) => mount !== null)
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue` */
function parseLine(line: string): Mount | null {
  const [left, right] = line.split(' - ')
  const [id, , device, root, point] = (left ?? '').split(' ')
  const [type, source, superOptions] = (right ?? '').split(' ')
  if (id === undefined || device === undefined || root === undefined || point === undefined) return null
  if (type === undefined || source === undefined) return null
  return {
    id: Number(id),
    device,
    root: unescaped(root),
    point: unescaped(point),
    type,
    source: unescaped(source),
    superOptions: (superOptions ?? '').split(','),
  }
}

/** White space and backslashes are octal there. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** What is visible at a directory: the last mount there hides those before it. */
export const topAt = (mounts: readonly Mount[], point: string): Mount | null =>
  mounts.findLast((mount) => mount.point === point) ?? null

/** Mounts at or below a directory that came after the given one: what must go before it can. The last and deepest first. */
export function above(mounts: readonly Mount[], mount: Mount): readonly Mount[] {
  const at = mounts.indexOf(mount)
  return mounts
    .slice(at + 1)
    .filter((other) => other.point === mount.point || isBelow(other.point, mount.point))
    .toReversed()
}

export const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)

/** The mount that a path is on. */
export function mountUnder(mounts: readonly Mount[], path: string): Mount | null {
  const holding = mounts.filter((mount) => mount.point === path || isBelow(path, mount.point))
  const longest = Math.max(...holding.map((mount) => mount.point.length))
  return holding.findLast((mount) => mount.point.length === longest) ?? null
}

/** `259:3` from the number that stat tells of a device (makedev(3)). */
export function deviceNumbers(rdev: number): string {
  const number = BigInt(rdev)
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n)
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}
