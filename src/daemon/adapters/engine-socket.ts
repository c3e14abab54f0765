import { request } from 'node:http'
import { fail, ok, type Result } from '../../core/result.js'
import type { EngineAnswer, EngineSocket } from '../ports.js'
import { systemFailure } from './errno.js'

/** An answer longer than this is none that the agent asked for. */
const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024

const DEFAULT_HOST = 'unix:///var/run/docker.sock'

/**
 * The engine behind `host` (as in `DOCKER_HOST`; absent: docker's default). Undefined where that is not a Unix socket: then only the docker
 * command knows how to reach it.
 */
export function engineSocket(host: string = DEFAULT_HOST): EngineSocket | undefined {
  if (!host.startsWith('unix://')) return undefined
  const socketPath = host.slice('unix://'.length)
  return { get: (path, timeoutMs) => get(socketPath, path, timeoutMs) }
}

function get(socketPath: string, path: string, timeoutMs: number): Promise<Result<EngineAnswer>> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const failed = (error: unknown): void =>
      resolve(
        signal.aborted
          ? fail('EXEC_TIMEOUT', `${socketPath} did not answer ${path} within ${timeoutMs} ms`)
          : {
              ok: false,
              error: { ...systemFailure(`could not ask ${socketPath}`, error), code: 'UNAVAILABLE' },
            },
      )
    const asked = request(
      { socketPath, path, headers: { host: 'localhost' }, agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = []
        let bytes = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= LARGEST_ANSWER_BYTES) chunks.push(chunk)
          else asked.destroy(new Error('the answer is too long'))
        })
        answer.on('end', () =>
          resolve(ok({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() })),
        )
        answer.on('error', failed)
      },
    )
    asked.on('error', failed)
    asked.end()
  })
}
