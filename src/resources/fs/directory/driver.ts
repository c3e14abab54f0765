import { ok, type Result } from '../../../core/result.js'
import type { FileStat } from '../../../daemon/ports.js'
import {
  numberOf,
  requiredText,
  textOf,
  type Context,
  type Driver,
  type Report,
  type Step,
} from '../../driver.js'
import { groupId, userId } from '../../kit/accounts.js'
import { refusal } from '../../kit/refusal.js'
import type { Look } from '../../look.js'
import { keywords } from './keywords.js'

export interface DirectorySeen {
  /** Null where there is nothing. */
  readonly found: FileStat | null
  /** What it should be owned by; null where that does not matter. */
  readonly uid: number | null
  readonly gid: number | null
}

/**
 * A directory with an owner and permissions. It is made where it is missing and never removed, so it is `n/a` while it is as it should
 * be, and holds nothing.
 */
export const fsDirectory: Driver<DirectorySeen> = {
  group: 'fs',
  type: 'directory',
  keywords,
  tools: [],
  events: [],
  label: (ctx) => `directory ${pathOf(ctx)}`,
  look: see,
  status(ctx, seen): Report {
    if (seen.found === null) return { status: 'down', messages: [] }
    const wrong = differences(ctx, seen)
    const messages = wrong.map((text) => ({ level: 'warn', text }) as const)
    return { status: wrong.length === 0 ? 'n/a' : 'warn', messages }
  },
  start,
  stop: () => [],
  released: () => true,
  assume: (ctx, state) => ({ found: state === 'down' ? null : asWanted(ctx), uid: null, gid: null }),
}

const pathOf = (ctx: Context): string => requiredText(ctx.resource, 'path')

async function see(ctx: Context, look: Look): Promise<Result<DirectorySeen>> {
  const uid = await userId(look, textOf(ctx.resource, 'user'))
  if (!uid.ok) return uid
  const gid = await groupId(look, textOf(ctx.resource, 'group'))
  if (!gid.ok) return gid
  return ok({ found: await ctx.io.files.stat(pathOf(ctx)), uid: uid.value, gid: gid.value })
}

/** What is not as configured, in words. */
function differences(ctx: Context, { found, uid, gid }: DirectorySeen): readonly string[] {
  if (found === null) return []
  const path = pathOf(ctx)
  if (found.kind !== 'directory') return [`${path} is no directory`]
  const perm = numberOf(ctx.resource, 'perm')
  return [
    ...(uid !== null && found.uid !== uid ? [`${path} is owned by user ${found.uid}, not ${uid}`] : []),
    ...(gid !== null && found.gid !== gid ? [`${path} is owned by group ${found.gid}, not ${gid}`] : []),
    ...(perm !== null && found.mode !== perm
      ? [`${path} has permissions ${octal(found.mode)}, not ${octal(perm)}`]
      : []),
  ]
}

function start(ctx: Context, seen: DirectorySeen): readonly Step[] {
  const path = pathOf(ctx)
  const { found, uid, gid } = seen
  if (found !== null && found.kind !== 'directory') return [refusal(`${path} is no directory: move it away`)]
  const perm = numberOf(ctx.resource, 'perm')
  const steps: Step[] = []
  if (found === null) {
    steps.push({ kind: 'do', text: `mkdir -p ${path}`, run: (act) => act.io.files.makeDirectory(path) })
  }
  if ((uid !== null && found?.uid !== uid) || (gid !== null && found?.gid !== gid)) {
    steps.push({
      kind: 'do',
      text: `chown ${uid ?? ''}${gid === null ? '' : `:${gid}`} ${path}`,
      run: (act) => act.io.files.chown(path, uid ?? -1, gid ?? -1),
    })
  }
  if (perm !== null && found?.mode !== perm) {
    steps.push({
      kind: 'do',
      text: `chmod ${octal(perm)} ${path}`,
      run: (act) => act.io.files.chmod(path, perm),
    })
  }
  return steps
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')

const asWanted = (ctx: Context): FileStat => ({
  kind: 'directory',
  mode: numberOf(ctx.resource, 'perm') ?? 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  rdev: 0,
  modifiedWallMs: 0,
})
