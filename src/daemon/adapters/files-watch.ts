import { statSync, watch, type FSWatcher } from 'node:fs'
import type { Cancel } from '../ports.js'

/** A directory that is not there, or was replaced, is looked for again this often. */
const RETRY_MS = 1000

/**
 * Calls back on every change in the directory, with the name of what changed in it, or null where any of it may have; also after the directory was
 * removed and made again.
 */
export function watchDirectory(path: string, callback: (name: string | null) => void): Cancel {
  let watcher: FSWatcher | null = null
  let inode: number | null = null

  const open = (): void => {
    const found = inodeOf(path)
    if (found === null) return
    try {
      watcher = watch(path, { persistent: false }, (_, name) => callback(name))
      watcher.on('error', () => close())
      inode = found
    } catch {
      close()
    }
  }
  const close = (): void => {
    watcher?.close()
    watcher = null
    inode = null
  }

  // The kernel watches the inode and not the name: one that was replaced would stay silent for ever.
  const retry = setInterval(() => {
    if (inode !== null && inodeOf(path) === inode) return
    const wasThere = inode !== null
    close()
    open()
    if (wasThere || inode !== null) callback(null)
  }, RETRY_MS)
  retry.unref()
  open()
  return () => {
    clearInterval(retry)
    close()
  }
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}
