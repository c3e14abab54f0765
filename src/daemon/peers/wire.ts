import { z } from 'zod'
import { fail, ok, type Result } from '../../core/result.js'
import {
  documentHead,
  documentVersion,
  instanceDocument,
  nodeDocument,
  registerEntry,
  stamp,
} from './schema.js'

/**
 * Protocol versions that this agent speaks, both included. A new required field, a new value where there was a closed list of them, or another meaning of what there is
 * needs a new version; what is optional and unknown is ignored.
 */
export const PROTOCOLS = { min: 1, max: 1 } as const

/** A longer message is refused, and its connection closed. */
export const LONGEST_MESSAGE_BYTES = 8 * 1024 * 1024

/** A longer document is not taken, also where it became so by patches: whole, with what is around it, it must fit into a message. */
export const LONGEST_DOCUMENT_BYTES = LONGEST_MESSAGE_BYTES - 1024

const count = z.int().nonnegative()

/** First on each connection, from both sides. `path` is the connection's id, given by the side that dialled. */
const hello = z.object({
  kind: z.literal('hello'),
  protocols: z.object({ min: count, max: count }),
  cluster: z.string(),
  node: z.string(),
  machineId: z.string(),
  incarnation: count,
  agentVersion: z.string(),
  path: z.string().max(512),
})

/** The connection is closed, and why: a sentence for the other side's log. */
const refuse = z.object({ kind: z.literal('refuse'), why: z.string().max(2000) })

/**
 * Sign of life. `sentMs` is on the sender's clock and comes back in the ack; `versions` names the newest document that the sender has of
 * every node, itself included; `registers` is a hash over the stamps of all registers that it has. `round` counts the sender's intervals, and is
 * absent from agents that know of no loss.
 */
const beat = z.object({
  kind: z.literal('beat'),
  seq: count,
  round: count.optional(),
  sentMs: z.number(),
  versions: z.record(z.string(), documentVersion),
  registers: z.string(),
  /** Absent from agents that know of no leases. */
  pledge: z
    .object({
      incarnation: count,
      hasLease: z.boolean(),
      clean: z.boolean(),
      names: z.record(z.string(), z.string()),
    })
    .optional(),
})

/** `vote` is a voter's answer, where there is quorum: `incarnation` is that of the beat, `eviction` why it is refused. */
const ack = z.object({
  kind: z.literal('ack'),
  seq: count,
  sentMs: z.number(),
  vote: z.object({ incarnation: count, granted: z.boolean(), eviction: z.string().nullable() }).optional(),
})

/** A node's document, whole: the sender's own or passed on. */
const document = z.object({ kind: z.literal('document'), document: nodeDocument })

/** What changed in a document from one generation to another; an instance that is gone is null. */
const patch = z.object({
  kind: z.literal('patch'),
  node: z.string(),
  incarnation: count,
  from: count,
  to: count,
  set: documentHead.partial(),
  instances: z.record(z.string(), instanceDocument.nullable()),
})

/** Asks for a node's document, whole. */
const want = z.object({ kind: z.literal('want'), node: z.string() })

const registers = z.object({ kind: z.literal('registers'), entries: z.array(registerEntry).readonly() })

/** Which registers the sender has. The receiver answers with what it has newer, and asks for what it has older. */
const digest = z.object({ kind: z.literal('digest'), registers: z.record(z.string(), stamp) })

const wantRegisters = z.object({ kind: z.literal('wantRegisters'), keys: z.array(z.string()).readonly() })

const message = z.discriminatedUnion('kind', [
  hello,
  refuse,
  beat,
  ack,
  document,
  patch,
  want,
  registers,
  digest,
  wantRegisters,
])

export type Message = Readonly<z.infer<typeof message>>
export type Hello = Readonly<z.infer<typeof hello>>
export type Patch = Readonly<z.infer<typeof patch>>
export type Beat = Readonly<z.infer<typeof beat>>
export type Ack = Readonly<z.infer<typeof ack>>

const KINDS: ReadonlySet<string> = new Set(message.options.map(({ shape }) => shape.kind.value))

/**
 * The only way in: what is no message of this protocol is a failure that says where it goes wrong. Null: of a kind that is not known here, from a later agent, which
 * does not need it to be understood.
 */
export function parseMessage(text: string): Result<Message | null> {
  if (text.length > LONGEST_MESSAGE_BYTES) return fail('INVALID', 'a message of a peer is too long')
  const said = jsonOf(text)
  if (isOfLaterKind(said)) return ok(null)
  const parsed = message.safeParse(said)
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  return fail('INVALID', `a message of a peer makes no sense${where}: ${issue?.message ?? 'not JSON'}`)
}

function isOfLaterKind(said: unknown): boolean {
  if (typeof said !== 'object' || said === null || !('kind' in said)) return false
  return typeof said.kind === 'string' && !KINDS.has(said.kind)
}

export const formatMessage = (value: Message): string => JSON.stringify(value)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
