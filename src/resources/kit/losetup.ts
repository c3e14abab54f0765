import { fail, ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import type { Look } from '../look.js'
import { commandFailure } from './command-failure.js'

export interface LoopDevice {
  /** `/dev/loop3` */
  readonly name: string
  /** Path of the file when it was set up; ` (deleted)` behind it where the file is gone. */
  readonly backFile: string
}

export const LOSETUP: Tool = { command: 'losetup', package: 'mount' }

const ASK_MS = 10_000

/** Loop devices of this node; asked once a look. */
export function loopsOf(look: Look): Promise<Result<readonly LoopDevice[]>> {
  return look.once('loop devices', async (io) =>
    parseLosetup(await io.exec.run(['losetup', '--json', '--list'], { timeoutMs: ASK_MS })),
  )
}

/** `losetup --json --list` of util-linux; nothing at all where there is no loop device, in some versions. */
export function parseLosetup(result: ExecResult): Result<readonly LoopDevice[]> {
  const failure = commandFailure(result, { tools: [LOSETUP] })
  if (failure !== null) return { ok: false, error: failure }
  if (result.stdout.trim() === '') return ok([])
  try {
    const answer = JSON.parse(result.stdout) as {
      loopdevices?: { name?: string; 'back-file'?: string | null }[]
    }
    return ok(
      (answer.loopdevices ?? []).map((loop) => ({
        name: loop.name ?? '',
        backFile: loop['back-file'] ?? '',
      })),
    )
  } catch {
    return fail('EXEC_FAILED', 'losetup did not answer in JSON: is util-linux older than 2.27?')
  }
}
