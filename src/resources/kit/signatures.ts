import { z } from 'zod'
import { ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import type { Look } from '../look.js'
import { commandFailure } from './command-failure.js'
import { parseJson } from './json.js'

/** What a device says that it holds: a file system, a physical volume, a partition table. */
export interface Signature {
  /** `xfs`, `ext4`, `LVM2_member`, `gpt`, … as libblkid calls it. */
  readonly type: string
  readonly uuid: string | null
}

export const WIPEFS: Tool = { command: 'wipefs', package: 'util-linux' }

const ASK_MS = 15_000

/** So long they hold where nothing is made or unmade, in milliseconds. */
const KNOWN_MS = 10_000

const question = (device: string): string => `signatures of ${device}`

/**
 * Signatures on a device or file; asked once a look, and not again for a while. Unlike a probe for one answer, this tells an empty device
 * from an unreadable one.
 */
export function signaturesOf(look: Look, device: string): Promise<Result<readonly Signature[]>> {
  return look.once(question(device), async ({ exec, known }) => {
    const before = known?.recall<readonly Signature[]>(question(device))
    if (before !== undefined) return ok(before)
    const asked = await exec.run(['wipefs', '--no-act', '--json', device], { timeoutMs: ASK_MS })
    const signatures = parseSignatures(asked)
    // An empty device may be about to get a filesystem by hand.
    if (signatures.ok && signatures.value.length > 0)
      known?.remember(question(device), signatures.value, KNOWN_MS)
    return signatures
  })
}

/** What is mounted from a device is what the device holds. */
export function signatureSeen({ io }: Look, device: string, type: string): void {
  io.known?.remember(question(device), [{ type, uuid: null }], KNOWN_MS)
}

const ANSWER = z.object({ signatures: z.array(z.object({ type: z.string(), uuid: z.string().nullish() })) })

/** `wipefs --no-act --json` of util-linux. */
function parseSignatures(result: ExecResult): Result<readonly Signature[]> {
  const failure = commandFailure(result, { tools: [WIPEFS] })
  if (failure !== null) return { ok: false, error: failure }
  if (result.stdout.trim() === '') return ok([])
  const answer = parseJson(result.stdout, ANSWER, 'wipefs')
  if (!answer.ok) return answer
  const all = answer.value.signatures.map((one) => ({ type: one.type, uuid: one.uuid ?? null }))
  // Some formats have a second, spare signature: the same type and id is one thing.
  return ok(
    all.filter((one, at) => all.findIndex((two) => two.type === one.type && two.uuid === one.uuid) === at),
  )
}
