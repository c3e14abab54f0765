import { z } from 'zod'
import { boundedGaps } from '../../core/gaps.js'
import type { DocumentVersion, InstanceDocument, NodeDocument } from '../../core/document.js'
import type { RegisterEntry, Stamp } from '../../core/register.js'

// What the core's types say, checked at run time. A field that the core gains and that is missing here breaks the build: see `Same`.

/**
 * What goes from node to node as its author wrote it keeps the fields that are not known here: a later agent may have written it for others of its kind, and
 * gets it through this one, or takes over what this one stored.
 */
export const open = <S extends z.ZodRawShape>(shape: S): z.ZodObject<S> =>
  z.looseObject(shape) as unknown as z.ZodObject<S>

const count = z.int().nonnegative()
/** The number of a start: those that there are stay far below, and a garbled one is not to be counted on from. */
export const startNumber = count.max(2 ** 40)
const status = z.enum(['up', 'down', 'warn', 'stdby up', 'stdby down', 'n/a', 'undef'])

export const documentVersion = open({ incarnation: count, generation: count })

const place = z.discriminatedUnion('kind', [
  open({ kind: z.literal('none') }),
  open({
    kind: z.literal('claimed'),
    generation: startNumber,
    precedence: open({ rank: z.number(), node: z.string() }),
    since: z.number(),
  }),
  open({ kind: z.literal('held'), generation: startNumber, since: z.number() }),
])

export const stamp = open({ wallMs: z.number(), count, node: z.string() })

const resource = open({
  status,
  label: z.string(),
  type: z.string(),
  messages: z.array(open({ level: z.enum(['info', 'warn', 'error']), text: z.string() })).readonly(),
  provisioned: z.boolean().nullable(),
  flags: open({
    running: z.boolean(),
    monitor: z.boolean(),
    disable: z.boolean(),
    optional: z.boolean(),
    standby: z.boolean(),
    restartsLeft: z.number().nullable(),
    userStopped: z.boolean(),
  }),
})

export const instanceDocument = open({
  configVersion: z.string(),
  place,
  monitor: z.enum([
    'idle',
    'preparing',
    'starting',
    'stopping',
    'restarting',
    'provisioning',
    'unprovisioning',
    'start failed',
    'stop failed',
    'provision failed',
    'unprovision failed',
    'wait parents',
    'wait children',
    'wait priors',
  ]),
  failure: z.string().nullable(),
  avail: status,
  overall: status,
  provisioned: z.boolean(),
  started: z.boolean(),
  sawTarget: z.string().nullable(),
  words: z.record(z.string(), stamp).optional(),
  preparedFor: z.string().nullable(),
  doneTarget: z.string().nullable(),
  resources: z.record(z.string(), resource),
})

const claimName = open({ node: z.string(), incarnation: count, service: z.string(), since: z.number() })
const eviction = open({ id: z.string(), claims: z.array(claimName).readonly() })

const clusterNode = open({ name: z.string(), addresses: z.array(z.string()).readonly() })
export const rules = open({
  quorum: z.boolean(),
  voters: z.array(clusterNode).readonly(),
  intervalMs: z.number(),
  leaseMs: z.number(),
  timeoutMs: z.number(),
  stopMaxMs: z.number(),
  watchdogPeriodMs: z.number(),
})
const rulesWord = open({
  version: stamp.nullable(),
  newest: rules,
  earlier: z.array(rules).readonly(),
  known: stamp.nullable().optional(),
})

/** A document's fields but its version and its instances: what a patch replaces one by one. */
export const documentHead = open({
  machineId: z.string(),
  bootId: z.string(),
  agentVersion: z.string(),
  state: z.enum(['booting', 'idle', 'draining', 'maintenance', 'left']),
  startedAtWallMs: z.number(),
  seen: z.record(z.string(), documentVersion),
  hears: z.array(z.string()).readonly(),
  load: open({
    load15m: z.number(),
    memTotalMb: z.number(),
    memAvailMb: z.number(),
    swapTotalMb: z.number(),
    swapAvailMb: z.number(),
    cpus: z.number(),
  }),
  rules: rulesWord.optional(),
  // For people alone: an author that says more than fits is cut short, and not refused with its beats.
  gaps: z.array(z.string()).readonly().transform(boundedGaps).optional(),
  generations: z.record(z.string(), startNumber).optional(),
  promises: open({ made: count, kept: count }).optional(),
  rolledBack: z.literal(true).optional(),
  evictions: z.record(z.string(), eviction),
})

export const nodeDocument = open({
  node: z.string(),
  ...documentVersion.shape,
  ...documentHead.shape,
  // Agents that know of no quorum leave it out.
  evictions: documentHead.shape.evictions.default({}),
  instances: z.record(z.string(), instanceDocument),
})

const configValue = open({ text: z.string().nullable(), author: z.string() })

const targetKind = z.discriminatedUnion('kind', [
  open({ kind: z.literal('started') }),
  open({ kind: z.literal('stopped') }),
  open({ kind: z.literal('placed'), node: z.string() }),
  open({ kind: z.literal('restarted'), node: z.string() }),
  open({ kind: z.literal('provisioned'), leader: z.string() }),
  open({ kind: z.literal('unprovisioned'), leader: z.string() }),
  open({ kind: z.literal('purged'), leader: z.string() }),
])

const targetValue = open({
  id: z.string(),
  target: targetKind,
  author: z.string(),
  deadlineWallMs: z.number(),
  end: open({ how: z.enum(['met', 'failed', 'aborted']), why: z.string() }).nullable(),
})

const confirmOffValue = open({ off: z.boolean(), incarnation: count, generation: count })

export const registerEntry = z.discriminatedUnion('kind', [
  open({ kind: z.literal('config'), name: z.string(), stamp, value: configValue }),
  open({ kind: z.literal('cluster'), name: z.literal('cluster'), stamp, value: configValue }),
  open({ kind: z.literal('target'), name: z.string(), stamp, value: targetValue }),
  open({ kind: z.literal('freeze'), name: z.string(), stamp, value: z.boolean() }),
  open({ kind: z.literal('off'), name: z.string(), stamp, value: confirmOffValue }),
  open({ kind: z.literal('clear'), name: z.string(), stamp, value: z.literal(true) }),
])

/** Never called: compiles only while schema and type say the same, field for field. */
export function schemasMatch(): readonly true[] {
  const version: Same<z.output<typeof documentVersion>, DocumentVersion> = true
  const instance: Same<z.output<typeof instanceDocument>, InstanceDocument> = true
  const document: Same<z.output<typeof nodeDocument>, NodeDocument> = true
  const entry: Same<z.output<typeof registerEntry>, RegisterEntry> = true
  const clock: Same<z.output<typeof stamp>, Stamp> = true
  return [version, instance, document, entry, clock]
}

/** Each is assignable to the other, and has no key that the other lacks. */
/** True where both are the same type, field by field. */
export type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? SameKeys<A, B> : never) : never
type SameKeys<A, B> = [keyof A] extends [keyof B] ? ([keyof B] extends [keyof A] ? true : never) : never
