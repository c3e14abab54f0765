import { z } from 'zod'
import { ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import type { Look } from '../look.js'
import { commandFailure } from './command-failure.js'
import { parseJson } from './json.js'

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

const ANSWER = z.object({
  loopdevices: z.array(z.object({ name: z.string(), 'back-file': z.string().nullish() })),
})

/** `losetup --json --list` of util-linux; nothing at all where there is no loop device, in some versions. */
function parseLosetup(result: ExecResult): Result<readonly LoopDevice[]> {
  const failure = commandFailure(result, { tools: [LOSETUP] })
  if (failure !== null) return { ok: false, error: failure }
  if (result.stdout.trim() === '') return ok([])
  const answer = parseJson(result.stdout, ANSWER, 'losetup')
  if (!answer.ok) return answer
  return ok(answer.value.loopdevices.map((loop) => ({ name: loop.name, backFile: loop['back-file'] ?? '' })))
}
