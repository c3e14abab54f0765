import type { Files } from '../../daemon/ports.js'
import { isBelow } from './mounts.js'

/** A process that keeps a mount busy. */
export interface Holder {
  readonly pid: number
  readonly command: string
}

/** More are not named, and not killed in one round. */
const HOLDERS = 50

const COMMAND_LENGTH = 80

/**
 * Processes that keep a mount busy: by working directory, root, program, mapped file or open file. Only those that see this very mount
 * count: a process in a namespace of its own with a mount at the same path does not hold this one.
 */
export async function holdersOf(
  files: Files,
  mount: { readonly id: number; readonly point: string },
): Promise<readonly Holder[]> {
  const listed = await files.list('/proc')
  const pids = listed.ok ? listed.value.filter((name) => /^\d+$/.test(name)) : []
  const holders: Holder[] = []
  for (const pid of pids) {
    if (holders.length >= HOLDERS) break
    if (await holds(files, pid, mount))
      holders.push({ pid: Number(pid), command: await commandOf(files, pid) })
  }
  return holders
}

async function holds(
  files: Files,
  pid: string,
  mount: { readonly id: number; readonly point: string },
): Promise<boolean> {
  const seen = await files.read(`/proc/${pid}/mountinfo`)
  if (!seen.ok || !seen.value.split('\n').some((line) => line.startsWith(`${mount.id} `))) return false
  for (const link of ['cwd', 'root', 'exe']) {
    const target = await files.realpath(`/proc/${pid}/${link}`)
    if (target.ok && isWithin(target.value, mount.point)) return true
  }
  return (await hasOpen(files, pid, mount.id)) || (await hasMapped(files, pid, mount.point))
}

const isWithin = (path: string, point: string): boolean => path === point || isBelow(path, point)

async function hasOpen(files: Files, pid: string, mountId: number): Promise<boolean> {
  const open = await files.list(`/proc/${pid}/fdinfo`)
  const infos = await Promise.all(
    (open.ok ? open.value : []).map((fd) => files.read(`/proc/${pid}/fdinfo/${fd}`)),
  )
  return infos.some((info) => info.ok && new RegExp(String.raw`^mnt_id:\s*${mountId}$`, 'm').test(info.value))
}

/** The last column of a line in /proc/PID/maps is the mapped file. */
async function hasMapped(files: Files, pid: string, point: string): Promise<boolean> {
  const maps = await files.read(`/proc/${pid}/maps`)
  if (!maps.ok) return false
  return maps.value.split('\n').some((line) => isWithin(line.split(/\s+/).slice(5).join(' '), point))
}

async function commandOf(files: Files, pid: string): Promise<string> {
  const line = await files.read(`/proc/${pid}/cmdline`)
  const words = line.ok ? line.value.split('\0').join(' ').trim() : ''
  if (words !== '') return words.slice(0, COMMAND_LENGTH)
  const name = await files.read(`/proc/${pid}/comm`)
  return name.ok ? name.value.trim() : '?'
}

/** `pid 123 (postgres: writer), pid 456 (sh)` */
export const holdersText = (holders: readonly Holder[]): string =>
  holders.map((holder) => `pid ${holder.pid} (${holder.command})`).join(', ')
