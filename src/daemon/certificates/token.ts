import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { fail, ok, type Result } from '../../core/result.js'
import type { Rng, Store } from '../ports.js'

/** What a join token says. The text form goes from one operator's terminal to another's. */
export interface JoinToken {
  readonly id: string
  readonly secret: string
  /** SHA-256 of the authority's certificate, in hexadecimal: the joining node talks to nobody else. */
  readonly fingerprint: string
  /** Of the member that made the token, `host:port` each, to be tried in turn. */
  readonly addresses: readonly string[]
}

export const TOKEN_LIFE_MS = 3600 * 1000

const PREFIX = 'longshore-join-'
const CHECK_BYTES = 4
const LONGEST_TOKEN = 4096

/** Makes a token that one node may use once before it expires. Only a hash of its secret is kept. */
export function makeToken(
  store: Store,
  rng: Rng,
  o: {
    readonly fingerprint: string
    readonly addresses: readonly string[]
    readonly wallMs: number
    readonly lifeMs?: number
  },
): string {
  dropExpired(store, o.wallMs)
  const token: JoinToken = {
    id: rng.id().slice(0, 12),
    secret: rng.id(),
    fingerprint: o.fingerprint,
    addresses: o.addresses,
  }
  const kept: Kept = {
    hash: hashOf(token.secret),
    expiresWallMs: o.wallMs + (o.lifeMs ?? TOKEN_LIFE_MS),
    usedBy: null,
  }
  store.put(keyOf(token.id), JSON.stringify(kept))
  return formatToken(token)
}

/** The token as operators copy it, with a checksum. */
export function formatToken(token: JoinToken): string {
  const text = Buffer.from(JSON.stringify([1, token.id, token.secret, token.fingerprint, ...token.addresses]))
  return PREFIX + Buffer.concat([text, checkOf(text)]).toString('base64url')
}

/** A token as it was pasted; an error says what is wrong with it. */
export function parseToken(text: string): Result<JoinToken> {
  const token = text.trim()
  if (!token.startsWith(PREFIX) || token.length > LONGEST_TOKEN) {
    return fail(
      'INVALID',
      `this is no join token: one begins with ${PREFIX} and is printed by om cluster token`,
    )
  }
  const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url')
  const body = bytes.subarray(0, -CHECK_BYTES)
  const mistyped = fail('INVALID', 'the join token is incomplete or mistyped: copy it again, whole')
  if (bytes.length <= CHECK_BYTES || !checkOf(body).equals(bytes.subarray(-CHECK_BYTES))) return mistyped
  const parsed = TokenBody.safeParse(jsonOf(body.toString('utf8')))
  if (!parsed.success)
    return fail(
      'INVALID',
      'the join token is of another version: make one with the agent that is installed here',
    )
  const [, id, secret, fingerprint, ...addresses] = parsed.data
  return ok({ id, secret, fingerprint, addresses })
}

export interface Redemption {
  readonly id: string
  readonly secret: string
  readonly node: string
  readonly wallMs: number
}

/** Is the token good? What is refused says why; a wrong secret does not tell whether its token exists. */
export function judgeToken(store: Store, o: Redemption): Result<void> {
  const kept = keptOf(store.get(keyOf(o.id)))
  // Compared also where there is nothing to compare with, so that time tells nothing.
  const same = timingSafeEqual(Buffer.from(hashOf(o.secret)), Buffer.from(kept?.hash ?? hashOf('')))
  if (kept === null || !same) {
    return fail('FORBIDDEN', 'this member does not know the join token: make a new one with om cluster token')
  }
  if (kept.usedBy !== null) {
    return fail(
      'FORBIDDEN',
      `the join token was already used by ${kept.usedBy}: make a new one with om cluster token`,
    )
  }
  if (o.wallMs > kept.expiresWallMs) {
    return fail('FORBIDDEN', 'the join token has expired: make a new one with om cluster token')
  }
  return ok(undefined)
}

/** Uses a token up for a node, where it is good. */
export function redeem(store: Store, o: Redemption): Result<void> {
  const judged = judgeToken(store, o)
  if (!judged.ok) return judged
  const kept = keptOf(store.get(keyOf(o.id)))
  store.put(keyOf(o.id), JSON.stringify({ ...kept, usedBy: o.node }))
  return ok(undefined)
}

const TokenBody = z.tuple([z.literal(1), z.string(), z.string(), z.string().length(64)], z.string())

const Kept = z.object({
  hash: z.string().length(64),
  expiresWallMs: z.number(),
  usedBy: z.string().nullable(),
})
type Kept = z.infer<typeof Kept>

const TOKENS = 'token/'
const keyOf = (id: string): string => TOKENS + id

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const checkOf = (bytes: Buffer): Buffer =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES)

function keptOf(text: string | null): Kept | null {
  if (text === null) return null
  const parsed = Kept.safeParse(jsonOf(text))
  return parsed.success ? parsed.data : null
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A day after its end a token is forgotten; until then its use is still answered with the true reason. */
function dropExpired(store: Store, wallMs: number): void {
  const old = store
    .list(TOKENS)
    .filter(({ value }) => wallMs > (keptOf(value)?.expiresWallMs ?? 0) + 24 * TOKEN_LIFE_MS)
  if (old.length > 0) store.putAll(old.map(({ key }) => ({ key, value: null })))
}
