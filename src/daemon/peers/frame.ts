import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Pulse } from '../ports.js'

// One line of text, so that `dd if=DEVICE bs=4096 count=4 | strings` shows a heartbeat disk to a person:
//
//   longshore heartbeat 1 CHECKSUM {"cluster":"…"}                                      header of a disk; SHA-256
//   longshore pulse 1 CHECKSUM {"cluster":"…","node":"…","incarnation":3,"round":17}    a slot, a datagram; HMAC with the cluster's key

const headerWords = 'longshore heartbeat 1'
const pulseWords = 'longshore pulse 1'

/** A longer frame is none. */
export const LONGEST_FRAME_BYTES = 1024

const count = z.int().nonnegative()
const header = z.object({ cluster: z.string().max(256) })
const pulse = z.object({
  cluster: z.string().max(256),
  node: z.string().max(63),
  incarnation: count,
  round: count,
})

/** Whom a pulse is from and for; `key` is known to members alone. */
export interface Seal {
  readonly cluster: string
  readonly key: Buffer
}

export const headerFrame = (cluster: string): string => framed(headerWords, JSON.stringify({ cluster }), null)

/** Id of the cluster whose heartbeats the disk is for; null where the block is no header. */
export function openHeader(block: Buffer): string | null {
  const body = bodyOf(block, headerWords, null)
  const parsed = header.safeParse(body)
  return parsed.success ? parsed.data.cluster : null
}

export const pulseFrame = ({ node, incarnation, round }: Pulse, { cluster, key }: Seal): string =>
  framed(pulseWords, JSON.stringify({ cluster, node, incarnation, round }), key)

/** Null where it is no pulse of a member of this cluster. */
export function openPulse(block: Buffer, { cluster, key }: Seal): Pulse | null {
  const parsed = pulse.safeParse(bodyOf(block, pulseWords, key))
  if (!parsed.success || parsed.data.cluster !== cluster) return null
  const { node, incarnation, round } = parsed.data
  return { node, incarnation, round }
}

const framed = (words: string, json: string, key: Buffer | null): string =>
  `${words} ${checksum(words, json, key)} ${json}\n`

const checksum = (words: string, json: string, key: Buffer | null): string =>
  (key === null ? createHash('sha256') : createHmac('sha256', key)).update(`${words} ${json}`).digest('hex')

/** The checksum is compared before anything of the text is looked at. */
function bodyOf(block: Buffer, words: string, key: Buffer | null): unknown {
  const end = block.subarray(0, LONGEST_FRAME_BYTES).indexOf('\n')
  const text = block.toString('utf8', 0, Math.max(end, 0))
  const given = text.slice(words.length + 1, words.length + 65)
  const json = text.slice(words.length + 66)
  if (!text.startsWith(`${words} `) || given.length !== 64) return undefined
  const expected = checksum(words, json, key)
  if (!timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(given, 'latin1'))) return undefined
  return jsonOf(json)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
