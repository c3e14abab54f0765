import { fail, ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import type { Look } from '../look.js'
import { commandFailure } from './command-failure.js'

/** What a device says that it holds: a file system, a physical volume, a partition table. */
export interface Signature {
  /** `xfs`, `ext4`, `LVM2_member`, `gpt`, … as libblkid calls it. */
  readonly type: string
  readonly uuid: string | null
}

export const WIPEFS: Tool = { command: 'wipefs', package: 'util-linux' }

const ASK_MS = 15_000

/** Signatures on a device or file; asked once a look. Unlike a probe for one answer, this tells an empty device from an unreadable one. */
export function signaturesOf(look: Look, device: string): Promise<Result<readonly Signature[]>> {
  return look.once(`signatures of ${device}`, async (io) =>
    parseSignatures(await io.exec.run(['wipefs', '--no-act', '--json', device], { timeoutMs: ASK_MS })),
  )
}

/** `wipefs --no-act --json` of util-linux. */
export function parseSignatures(result: ExecResult): Result<readonly Signature[]> {
  const failure = commandFailure(result, { tools: [WIPEFS] })
  if (failure !== null) return { ok: false, error: failure }
  if (result.stdout.trim() === '') return ok([])
  try {
    const answer = JSON.parse(result.stdout) as { signatures?: { type?: string; uuid?: string | null }[] }
    const signatures = (answer.signatures ?? []).map((one) => ({
      type: one.type ?? '?',
      uuid: one.uuid ?? null,
    }))
    // Some formats leave a backup signature: the same type and id is one thing.
    return ok(
      signatures.filter(
        (one, at) => signatures.findIndex((two) => two.type === one.type && two.uuid === one.uuid) === at,
      ),
    )
  } catch {
    return fail('EXEC_FAILED', 'wipefs did not answer in JSON: is util-linux older than 2.33?')
  }
}
