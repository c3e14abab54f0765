import { z } from 'zod'
import type { NodeDocument } from '../../core/document.js'
import type { RegisterEntry } from '../../core/register.js'
import { fail, ok, type Result } from '../../core/result.js'
import { documentHead, nodeDocument, registerEntry } from '../peers/schema.js'
import type { Store } from '../ports.js'
import {
  evictionsKey,
  generationsKey,
  incarnationKey,
  letInKey,
  promisesKey,
  rolledBackKey,
  rulesKey,
  type Kept,
  type KeptRules,
} from './durable.js'
import { keptInstance, keptRules } from './stored-schema.js'

/** What the store remembers, as the world needs it at the start of the daemon. */
export interface Remembered {
  /** Of the daemon before this one; 0 where there was none. */
  readonly incarnation: number
  readonly registers: Readonly<Record<string, RegisterEntry>>
  readonly memories: Readonly<Record<string, Kept>>
  readonly peers: Readonly<Record<string, NodeDocument>>
  readonly evictions: NodeDocument['evictions']
  readonly generations: Readonly<Record<string, number>>
  readonly rules: KeptRules
  /** How many it has made. */
  readonly promises: number
  /** Just now, or nothing was ever promised. */
  readonly letIn: boolean
  readonly rolledBack: true | undefined
  /** What was left out, and what follows, in words. */
  readonly dropped: readonly string[]
}

/** The store, and where it and the certificates are. */
interface Stored {
  readonly store: Store
  /** `/var/lib/longshore` */
  readonly varDir: string
}

/** Of the store: the version of the agent that a daemon began with last. */
export const writtenByKey = 'written-by'

/**
 * What an earlier daemon of this node synced to disk, by this version or by another one. What is not understood is never guessed. What this node promised, or
 * accepted from an operator, is nowhere else for certain: without it the daemon does not begin, and the store stays as it is. What a peer last said of itself
 * comes again, and may be left out.
 */
export function remembered(at: Stored): Result<Remembered> {
  const peers = peersIn(at)
  if (!peers.ok) return peers
  const registers = all(at, 'register/', registerEntry)
  if (!registers.ok) return registers
  const memories = all(at, 'instance/', keptInstance)
  if (!memories.ok) return memories
  const incarnation = one(at, incarnationKey, z.int().nonnegative(), '0')
  if (!incarnation.ok) return incarnation
  const evictions = one(at, evictionsKey, documentHead.shape.evictions, '{}')
  if (!evictions.ok) return evictions
  const generations = one(at, generationsKey, documentHead.shape.generations.unwrap(), '{}')
  if (!generations.ok) return generations
  const promises = one(at, promisesKey, z.int().nonnegative(), '0')
  if (!promises.ok) return promises
  const rules = one(at, rulesKey, keptRules, '{"changed":null,"all":[],"said":false}')
  if (!rules.ok) return rules
  return ok({
    incarnation: incarnation.value,
    registers: registers.value,
    memories: memories.value,
    ...peers.value,
    evictions: evictions.value,
    generations: generations.value,
    rules: rules.value,
    promises: promises.value,
    letIn: promises.value === 0 || at.store.get(letInKey) !== null,
    rolledBack: at.store.get(rolledBackKey) === null ? undefined : true,
  })
}

/** The newest configuration of the cluster that this node has accepted; null where it has none. */
export function clusterTextIn(at: Stored): Result<string | null> {
  const entry = one(at, 'register/cluster/cluster', registerEntry.nullable(), 'null')
  if (!entry.ok) return entry
  return ok(entry.value?.kind === 'cluster' ? entry.value.value.text : null)
}

function one<T>(at: Stored, key: string, schema: z.ZodType<T>, absent: string): Result<T> {
  return understood(at, { key, value: at.store.get(key) ?? absent }, schema)
}

function all<T>(at: Stored, prefix: string, schema: z.ZodType<T>): Result<Record<string, T>> {
  const values: Record<string, T> = {}
  for (const entry of at.store.list(prefix)) {
    const value = understood(at, entry, schema)
    if (!value.ok) return value
    values[entry.key.slice(prefix.length)] = value.value
  }
  return ok(values)
}

/**
 * A peer that stopped its daemon with services up proves nothing by its silence, and nobody else may be there to say so: that is not left out. What else it
 * said makes this node wait longer where it is missing.
 */
function peersIn(at: Stored): Result<Pick<Remembered, 'peers' | 'dropped'>> {
  const prefix = 'peer/'
  const peers: Record<string, NodeDocument> = {}
  const dropped: string[] = []
  for (const entry of at.store.list(prefix)) {
    const peer = entry.key.slice(prefix.length)
    const document = understood(at, entry, nodeDocument)
    if (document.ok) peers[peer] = document.value
    else if (mayHaveLeftServicesUp(entry.value)) return document
    else
      dropped.push(
        `what ${peer} last said of itself is left out, since this version of omd does not understand it in the store: ` +
          `until ${peer} is heard, or another node tells of it, a leave of ${peer} counts as silence`,
      )
  }
  return ok({ peers, dropped })
}

const toldState = z.looseObject({ state: documentHead.shape.state })

function mayHaveLeftServicesUp(text: string): boolean {
  const told = toldState.safeParse(jsonOf(text))
  return !told.success || told.data.state === 'maintenance'
}

function understood<T>(
  { store, varDir }: Stored,
  { key, value }: { readonly key: string; readonly value: string },
  schema: z.ZodType<T>,
): Result<T> {
  const parsed = schema.safeParse(jsonOf(value))
  if (parsed.success) return ok(parsed.data)
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`
  const writer = store.get(writtenByKey)
  const before =
    writer === null ? 'the version that ran here before' : `version ${writer}, which ran here before`
  return fail(
    'CONFLICT',
    `the store of this node has ${key} in a form that this version of omd does not understand${where} (${issue?.message ?? 'not JSON'}): ` +
      `install ${before}, or move ${varDir}/state.db* and ${varDir}/certificates away and let this node join its cluster again; nothing in them was changed`,
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
