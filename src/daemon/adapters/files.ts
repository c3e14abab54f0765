import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fail, ok, type Result } from '../../core/result.js'
import type { Files, FileStat } from '../ports.js'
import { errorCode, systemFailure } from './errno.js'
import { watchDirectory } from './files-watch.js'

/** A text file larger than this is none of ours. */
const LARGEST_TEXT_BYTES = 16 * 1024 * 1024

/** The machine's files. */
export function systemFiles(): Files {
  return {
    read,
    write: (path, text, mode = 0o644) => attempt(`could not write ${path}`, () => replace(path, text, mode)),
    stat,
    list: (path) => attempt(`could not list ${path}`, async () => (await fs.readdir(path)).sort()),
    makeDirectory: (path, mode) =>
      attempt(`could not make the directory ${path}`, () => makeDirectory(path, mode)),
    remove: (path) => attempt(`could not remove ${path}`, () => remove(path)),
    chmod: (path, mode) => attempt(`could not change the mode of ${path}`, () => fs.chmod(path, mode)),
    chown: (path, uid, gid) =>
      attempt(`could not change the owner of ${path}`, () => fs.chown(path, uid, gid)),
    realpath: (path) => attempt(`could not resolve ${path}`, () => fs.realpath(path)),
    truncate: (path, bytes) => attempt(`could not set the size of ${path}`, () => truncate(path, bytes)),
    watch: watchDirectory,
  }
}

async function attempt<T>(what: string, act: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await act())
  } catch (error) {
    return { ok: false, error: systemFailure(what, error) }
  }
}

async function read(path: string): Promise<Result<string>> {
  const size = (await stat(path))?.size ?? 0
  if (size > LARGEST_TEXT_BYTES) return fail('INVALID', `could not read ${path}: it is larger than 16 MiB`)
  return attempt(`could not read ${path}`, () => fs.readFile(path, 'utf8'))
}

async function replace(path: string, text: string, mode: number): Promise<void> {
  const directory = dirname(path)
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeSynced(temporary, text, mode)
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(directory)
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const file = await fs.open(path, 'wx', mode)
  try {
    await file.chmod(mode) // the umask may have taken bits off
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await fs.open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function stat(path: string): Promise<FileStat | null> {
  try {
    const found = await fs.stat(path)
    return {
      kind: kindOf(found),
      mode: found.mode & 0o7777,
      uid: found.uid,
      gid: found.gid,
      size: found.size,
      rdev: found.rdev,
      modifiedWallMs: found.mtimeMs,
    }
  } catch {
    return null
  }
}

function kindOf(found: Stats): FileStat['kind'] {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'directory'
  if (found.isBlockDevice()) return 'block'
  if (found.isCharacterDevice()) return 'character'
  return found.isSymbolicLink() ? 'link' : 'other'
}

/** Node's own recursive variant answers ENOENT on a read-only filesystem. */
async function makeDirectory(path: string, mode = 0o755): Promise<void> {
  if ((await stat(path))?.kind === 'directory') return
  await makeDirectory(dirname(path), mode)
  try {
    await fs.mkdir(path, { mode })
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || (await stat(path))?.kind !== 'directory') throw error
  }
}

async function remove(path: string): Promise<void> {
  try {
    const found = await fs.lstat(path)
    await (found.isDirectory() ? fs.rmdir(path) : fs.unlink(path))
    await syncDirectory(dirname(path))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

async function truncate(path: string, bytes: number): Promise<void> {
  const file = await fs.open(path, 'a', 0o600)
  try {
    await file.truncate(bytes)
  } finally {
    await file.close()
  }
}
