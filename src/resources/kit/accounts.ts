import { fail, ok, type Result } from '../../core/result.js'
import type { Look } from '../look.js'

// Names of users and groups are asked of the system's name service, which may be a directory server.

const ASK_MS = 10_000

/** A user's number, from a name or a number; null for null. */
export async function userId(look: Look, user: string | null): Promise<Result<number | null>> {
  return idOf(look, 'passwd', 'user', user)
}

/** A group's number, from a name or a number; null for null. */
export async function groupId(look: Look, group: string | null): Promise<Result<number | null>> {
  return idOf(look, 'group', 'group', group)
}

/** A user's first group; null where the user is unknown, as a bare number may be. */
export async function primaryGroup(look: Look, user: string): Promise<number | null> {
  const entry = await entryOf(look, 'passwd', user)
  const gid = Number(entry?.[3])
  return entry === null || !Number.isInteger(gid) ? null : gid
}

async function idOf(
  look: Look,
  table: string,
  what: string,
  name: string | null,
): Promise<Result<number | null>> {
  if (name === null) return ok(null)
  if (/^\d+$/.test(name)) return ok(Number(name))
  const id = Number((await entryOf(look, table, name))?.[2])
  return Number.isInteger(id)
    ? ok(id)
    : fail('UNKNOWN', `this node knows no ${what} ${name}: create it, or give a number`)
}

/** Third and fourth field of an entry are its number and, for users, the group's (passwd(5), group(5)). */
function entryOf(look: Look, table: string, key: string): Promise<readonly string[] | null> {
  return look.once(`${table} ${key}`, async (io) => {
    const asked = await io.exec.run(['getent', table, key], { timeoutMs: ASK_MS })
    return asked.outcome === 'exited' && asked.exit === 0 ? asked.stdout.trim().split(':') : null
  })
}
