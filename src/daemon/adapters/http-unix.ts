import { chmod, mkdir, unlink } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createConnection } from 'node:net'
import { dirname } from 'node:path'
import { fail, ok, type Result } from '../../core/result.js'
import { errorCode, systemFailure } from './errno.js'
import { closed, httpServer, type Serve } from './https.js'

export interface UnixServer {
  close(): Promise<void>
}

/** The API on a Unix socket that only root can write to. A socket that a dead daemon left is replaced, a live one is not. */
export async function serveUnix(path: string, serve: Serve): Promise<Result<UnixServer>> {
  if (await isAnswered(path)) return fail('CONFLICT', `another omd is running: it answers at ${path}`)
  const server = httpServer(serve)
  try {
    await mkdir(dirname(path), { recursive: true })
    await unlink(path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
    await listen(server, path)
    await chmod(path, 0o600)
    return ok({ close: () => closed(server) })
  } catch (error) {
    return { ok: false, error: systemFailure(`could not listen on ${path}`, error) }
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
