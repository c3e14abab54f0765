// Things built once per machine and kept outside the checkout, each under a name that carries the hash of what it
// is made from. Two builders at once are in order: the second waits, then finds the first one's work.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { execa } from 'execa'
import { LabError } from './failure.js'
import { run, words } from './command.js'
import { cacheFolder } from './place.js'

export const BUILD = join(import.meta.dirname, 'build')

/** A short hash of files' contents and further words. */
export async function keyOf(files: readonly string[], words: readonly string[] = []): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(basename(file)).update(await readFile(file))
  for (const word of words) hash.update(word).update('\0')
  return hash.digest('hex').slice(0, 12)
}

/** The path of the entry called so, built first where it is missing. The builder fills a path that it is given. */
export async function cached(name: string, build: (path: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder(), name)
  if (await exists(path)) return path
  await mkdir(cacheFolder(), { recursive: true })
  await withLock(`${path}.lock`, async () => {
    if (await exists(path)) return
    await sweepUnfinished(path)
    const unfinished = `${path}.new-${process.pid}`
    await build(unfinished)
    await rename(unfinished, path)
  })
  return path
}

/** What a killed builder left. Only the lock's holder may look. */
async function sweepUnfinished(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(`${basename(path)}.new-`))
      await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}

/** Holds a file's lock during the work. The kernel frees it when this process ends, however it ends. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const holder = execa('flock', [file, 'sh', '-c', 'echo held; exec cat'], { reject: false, stdin: 'pipe' })
  try {
    await once(holder.stdout, 'data')
    return await work()
  } finally {
    holder.stdin.end()
    await holder
  }
}

/** Runs a build script, the lab's own by its name alone, so that nothing of it outlives this process: in a process namespace that dies with it. */
export async function buildWith(script: string, ...args: readonly string[]): Promise<void> {
  const file = isAbsolute(script) ? script : join(BUILD, script)
  await run([
    ...words('setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount-proc nice bash'),
    file,
    ...args,
  ]).catch((thrown: Error) => {
    throw new LabError(
      `building with ${script} failed; run test/lab/deps.sh and try again: ${thrown.message}`,
    )
  })
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
