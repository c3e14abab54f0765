import { z } from 'zod'
import { fences } from './fencing.js'

/** The id of the target that a case names. */
export const target = 't1'

const names = z.array(z.string()).default([])
const changes = z.record(z.string(), z.unknown())
const instances = z
  .record(
    z.string(),
    z.union([
      z.string(),
      z.looseObject({ is: z.string(), statuses: z.record(z.string(), z.string()).optional() }),
    ]),
  )
  .default({})
const shared = {
  service: changes.default({}),
  resources: z.array(changes).default([{}]),
  on: instances,
  former: names,
}

export const caseSchema = z.strictObject({
  why: z.string(),
  self: z.string().default('node1'),
  nodes: z.array(z.string()).default(['node1', 'node2']),
  ...shared,
  /** Further services. */
  also: z.record(z.string(), z.strictObject(shared)).default({}),
  silent: names,
  /** Silent ones whose pulses arrive on hb#1. */
  pulsing: names,
  /** Peers that are heard again since 100 ms, and have not told yet what was said meanwhile. */
  back: names,
  /** Peers whose document has seen the standing claim. */
  answered: names,
  /** By node: the highest generation of a start of `db1` that it tells of. */
  started: z.record(z.string(), z.number()).default({}),
  /** By voter: peers of which it has a newer document than this node. */
  newer: z.record(z.string(), z.array(z.string())).default({}),
  /** `hears` of a document, where it is not everybody who is not silent. */
  hears: z.record(z.string(), z.array(z.string())).default({}),
  states: z.record(z.string(), z.enum(['booting', 'idle', 'draining', 'maintenance', 'left'])).default({}),
  load: z.record(z.string(), z.number()).default({}),
  /** Nodes that can be powered off, with what became of an order to do so 5 s ago. */
  fencing: fences,
  freeze: names,
  /** Of those whose state is `left`: an earlier daemon of this node heard that. */
  leftBefore: names,
  /** Of `former` those that left the cluster, with nothing held. */
  left: names,
  /** Declared off by an operator, at the newest document known or at an older one. */
  off: z.record(z.string(), z.enum(['newest', 'older'])).default({}),
  quorum: z.boolean().default(false),
  witnesses: names,
  /** This node's: `none` never began, `lapsed` is over. */
  lease: z.enum(['valid', 'none', 'lapsed']).default('valid'),
  /** Peers whose beats have said for so many milliseconds that they have no lease. */
  leaseless: z.record(z.string(), z.number()).default({}),
  /** By voter: whom it has evicted for this node's claim, or, as `NODE for CLAIMANT`, for another one's. */
  evictions: z.record(z.string(), z.array(z.string())).default({}),
  target: z.string().nullable().default(null),
  ended: z.enum(['met', 'failed', 'aborted']).nullable().default(null),
  late: z.boolean().default(false),
  /** Nodes that do not know the target yet. */
  unaware: names,
  order: z.enum(['start', 'stop', 'restart', 'provision', 'unprovision']).nullable().default(null),
  running: changes.nullable().default(null),
  boot: z.enum(['probing', 'holding', 'done']).default('done'),
  leaving: z.boolean().default(false),
  maxParallel: z.number().default(10),
  check: z.enum(['asked', 'silent', 'silent a while ago', 'answered', 'unchecked', 'for an older claim']).nullable().default(null),
  claimAgeMs: z.number().default(200),
  claimAfterMs: z.number().default(0),
  local: changes.default({}),
})

export type Case = z.infer<typeof caseSchema>
export type Instance = Case['on'][string]
export type Shared = Pick<Case, 'service' | 'resources' | 'on' | 'former'>
