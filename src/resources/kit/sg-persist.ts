import { fail, ok, type Result } from '../../core/result.js'
import type { ExecResult } from '../../daemon/ports.js'
import type { Tool } from '../driver.js'
import { commandFailure } from './command-failure.js'

// SCSI-3 persistent reservations by sg_persist(8) of sg3_utils, which answers in text alone. Its words are those of src/sg_persist.c, version 1.46:
// `PR generation=0x2, 1 registered reservation key follows:`, `Key=0x1`, `scope: LU_SCOPE,  type: …`.

export const SG_PERSIST: Tool = { command: 'sg_persist', package: 'sg3-utils' }

/** Only who is registered may write; everybody may read. */
export const WRITE_EXCLUSIVE_REGISTRANTS_ONLY = {
  type: '5',
  words: 'Write Exclusive, registrants only',
} as const

/** What a disk knows of who may write to it. Keys are as sg_persist prints them, `0x1f`. */
export interface Reservations {
  /** Of every path of every node that is registered: one may be there more than once. */
  readonly keys: readonly string[]
  readonly holder: { readonly key: string; readonly type: string } | null
}

const ASK_MS = 10_000
/** The disk's word that something has changed since it was asked last, told once in the place of an answer. */
const UNIT_ATTENTION = 6
const TRIES = 5

type Run = (argv: readonly string[], options: { readonly timeoutMs: number }) => Promise<ExecResult>

/** Opens the device for reading: closing it after writing would make udev look at it anew. */
export async function reservationsOf(run: Run, device: string): Promise<Result<Reservations>> {
  const keys = await asked(run, '--read-keys', device)
  if (!keys.ok) return keys
  const registered = parseKeys(keys.value)
  if (!registered.ok) return registered
  const reservation = await asked(run, '--read-reservation', device)
  if (!reservation.ok) return reservation
  const holder = parseReservation(reservation.value)
  return holder.ok ? ok({ keys: registered.value, holder: holder.value }) : holder
}

async function asked(run: Run, question: string, device: string): Promise<Result<string>> {
  const argv = ['sg_persist', '--no-inquiry', '--readonly', '--in', question, device]
  for (let tries = 1; ; tries += 1) {
    const result = await run(argv, { timeoutMs: ASK_MS })
    if (result.outcome === 'exited' && result.exit === UNIT_ATTENTION && tries < TRIES) continue
    const failure = commandFailure(result, { timeoutMs: ASK_MS, tools: [SG_PERSIST] })
    return failure === null ? ok(result.stdout) : { ok: false, error: failure }
  }
}

const HEAD = /^PR generation=0x[0-9a-f]+, (.*)$/

/** Answer of `sg_persist --in --read-keys`. */
export function parseKeys(text: string): Result<readonly string[]> {
  const [head, ...keys] = linesOf(text)
  const [, said = ''] = HEAD.exec(head ?? '') ?? []
  const many = /^(\d+) registered reservation keys? follows?:$/.exec(said)
  const count = said === 'there are NO registered reservation keys' ? 0 : Number(many?.[1] ?? Number.NaN)
  return keys.length === count && keys.every(isKey) ? ok(keys) : unexpected(text)
}

/** Answer of `sg_persist --in --read-reservation`. */
export function parseReservation(text: string): Result<Reservations['holder']> {
  const [head, keyLine = '', scopeLine = '', ...more] = linesOf(text)
  const [, said] = HEAD.exec(head ?? '') ?? []
  if (said === 'there is NO reservation held' && keyLine === '') return ok(null)
  const [, key = ''] = /^Key=(0x.*)$/.exec(keyLine) ?? []
  const [, type] = /^scope: LU_SCOPE, +type: (.+)$/.exec(scopeLine) ?? []
  const whole = said === 'Reservation follows:' && isKey(key) && type !== undefined && more.length === 0
  return whole ? ok({ key, type }) : unexpected(text)
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

const isKey = (text: string): boolean => /^0x[0-9a-f]{1,16}$/.test(text)

const unexpected = (text: string): Result<never> =>
  fail('EXEC_FAILED', 'sg_persist answered with something unexpected', linesOf(text).slice(0, 5))
