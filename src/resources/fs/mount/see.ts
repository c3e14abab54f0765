import { ok, type Result } from '../../../core/result.js'
import type { ResourceMessage } from '../../../core/document.js'
import { formatDuration } from '../../../core/units.js'
import { flagOf, numberOf, requiredText, textOf, type Context } from '../../driver.js'
import { commandFailure } from '../../kit/command-failure.js'
import { above, mountsOf, topAt, type Mount } from '../../kit/mounts.js'
import { signatureSeen, signaturesOf, type Signature } from '../../kit/signatures.js'
import type { Look } from '../../look.js'
import type { MountKind } from './kinds.js'
import { isOf, type Source } from './source.js'

/** What a look at a mounted, or not mounted, file system shows. */
export interface MountSeen {
  readonly source: Source
  /** The mount point, with links resolved. */
  readonly point: string
  readonly pointExists: boolean
  /** The source, mounted at the mount point. */
  readonly ours: Mount | null
  /** What must go before ours can. */
  readonly covering: readonly Mount[]
  /** Something else that is mounted at the mount point instead. */
  readonly foreign: Mount | null
  /** Mount points of the same device that no resource of the service stands for. */
  readonly elsewhere: readonly string[]
  /** What the device holds; null where nobody asked, as while it is mounted. */
  readonly signatures: readonly Signature[] | null
  /** What is wrong with it while it is mounted. */
  readonly trouble: readonly ResourceMessage[]
}

const STAT_MS = 5_000

/** What is mounted at the point, and what should be. `asked`: what has just been mounted has answered to that, and is not asked whether it does. */
export async function see(
  kind: MountKind,
  ctx: Context,
  look: Look,
  asked: 'all' | 'just mounted' = 'all',
): Promise<Result<MountSeen>> {
  const mounts = await mountsOf(look)
  if (!mounts.ok) return mounts
  const source = await kind.source(ctx, look)
  if (!source.ok) return source
  const point = await resolved(ctx, mounts.value)
  const at = mounts.value.filter((mount) => mount.point === point)
  const ours = at.findLast((mount) => isOf(mount, source.value)) ?? null
  const unmounted = ours === null && source.value.kind === 'device'
  if (ours !== null && source.value.kind === 'device') signatureSeen(look, source.value.path, ours.type)
  const signatures = unmounted ? await signaturesOf(look, source.value.path) : ok(null)
  if (!signatures.ok) return signatures
  return ok({
    source: source.value,
    point,
    pointExists: at.length > 0 || (await ctx.io.files.stat(point)) !== null,
    ours,
    covering: ours === null ? [] : above(mounts.value, ours),
    foreign: ours === null ? topAt(mounts.value, point) : null,
    elsewhere: elsewhere(ctx, mounts.value, source.value, point),
    signatures: signatures.value,
    trouble: ours === null ? [] : [...(await health(kind, ctx, ours, asked)), ...readOnly(ctx, ours)],
  })
}

/** The same behind its own commands: what has just been unmounted is still on its device. */
export function seeAgain(
  kind: MountKind,
  ctx: Context,
  { ours, source }: MountSeen,
  look: Look,
): Promise<Result<MountSeen>> {
  if (ours !== null && source.kind === 'device') signatureSeen(look, source.path, ours.type)
  return see(kind, ctx, look, ours === null ? 'just mounted' : 'all')
}

/** A mounted one is not touched: the server behind it may be gone. */
async function resolved(ctx: Context, mounts: readonly Mount[]): Promise<string> {
  const point = mountPoint(ctx)
  if (mounts.some((mount) => mount.point === point)) return point
  const real = await ctx.io.files.realpath(point)
  return real.ok ? real.value : point
}

export const mountPoint = (ctx: Context): string =>
  requiredText(ctx.resource, 'mnt').replace(/(?<=.)\/+$/, '')

function elsewhere(ctx: Context, mounts: readonly Mount[], source: Source, point: string): readonly string[] {
  if (source.kind !== 'device') return []
  const known = new Set(ctx.service.resources.map((resource) => textOf(resource, 'mnt')))
  return mounts
    .filter((mount) => isOf(mount, source) && mount.point !== point && !known.has(mount.point))
    .map((mount) => mount.point)
}

/** Does it answer? Asked by a process of its own, so that only that one hangs with it. */
async function health(
  kind: MountKind,
  ctx: Context,
  ours: Mount,
  asked: 'all' | 'just mounted',
): Promise<readonly ResourceMessage[]> {
  if (kind.type === 'tmpfs') return []
  const timeoutMs = numberOf(ctx.resource, 'stat_timeout') ?? STAT_MS
  const questions = [
    ...(asked === 'all' ? [['stat', '--file-system', '--terse', ours.point]] : []),
    ...(flagOf(ctx.resource, 'check_read')
      ? [['find', ours.point, '-mindepth', '1', '-maxdepth', '1', '-print', '-quit']]
      : []),
  ]
  for (const argv of questions) {
    const answer = await ctx.io.exec.run(argv, { timeoutMs, maxOutputBytes: 4096 })
    const failure = commandFailure(answer, { timeoutMs, tools: kind.tools })
    if (failure === null) continue
    const silent = failure.code === 'EXEC_TIMEOUT' || failure.code === 'EXEC_STUCK'
    const text = silent
      ? `${ours.point} does not answer within ${formatDuration(timeoutMs)}`
      : failure.message
    return [{ level: 'error', text }]
  }
  return []
}

/** The kernel makes a file system read-only when it finds it broken. */
function readOnly(ctx: Context, ours: Mount): readonly ResourceMessage[] {
  const wanted = (textOf(ctx.resource, 'mnt_opt') ?? '').split(',').includes('ro')
  if (wanted || !ours.superOptions.includes('ro')) return []
  return [{ level: 'warn', text: `${ours.source} is read-only: see the kernel's log` }]
}
