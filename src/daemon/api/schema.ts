import { z } from 'zod'
import { rules } from '../peers/schema.js'
import type {
  ConfigRequest,
  CreateRequest,
  InitRequest,
  LocalRequest,
  NodeRequest,
  Selection,
  TargetRequest,
} from './contract.js'

/** Requests, checked at the door. */

const selection = z.strictObject({
  rids: z.array(z.string()),
  tags: z.array(z.string()),
  subsets: z.array(z.string()),
  upto: z.string().nullable(),
  downto: z.string().nullable(),
  force: z.boolean(),
}) satisfies z.ZodType<Selection>

export const createRequest = z.strictObject({
  name: z.string(),
  text: z.string(),
  env: z.record(z.string(), z.string()),
  deploy: z.boolean(),
  source: z.string().max(4096).optional(),
}) satisfies z.ZodType<CreateRequest>

export const targetRequest = z.strictObject({
  action: z.enum([
    'start',
    'stop',
    'restart',
    'switch',
    'takeover',
    'giveback',
    'provision',
    'unprovision',
    'purge',
    'delete',
    'freeze',
    'thaw',
    'abort',
    'clear',
  ]),
  node: z.string().optional(),
  timeMs: z.number().int().positive().optional(),
}) satisfies z.ZodType<TargetRequest>

export const localRequest = z.strictObject({
  action: z.enum(['start', 'stop', 'restart', 'provision', 'unprovision', 'freeze', 'thaw']),
  selection,
  dryRun: z.boolean().optional(),
}) satisfies z.ZodType<LocalRequest>

export const configRequest = z.strictObject({
  set: z.array(z.string()).optional(),
  unset: z.array(z.string()).optional(),
  text: z.string().optional(),
  source: z.string().max(4096).optional(),
  base: z.string().optional(),
  validateOnly: z.boolean().optional(),
}) satisfies z.ZodType<ConfigRequest>

export const nodeRequest = z.strictObject({ node: z.string() }) satisfies z.ZodType<NodeRequest>

export const initRequest = z.strictObject({
  name: z.string(),
  addresses: z.array(z.string()).optional(),
}) satisfies z.ZodType<InitRequest>

export const joinRequest = z.strictObject({ token: z.string(), addresses: z.array(z.string()).optional() })

/** `om cluster join` on another node, towards a member: one-time secret, name, certificate request. */
export const enrolRequest = z.strictObject({
  id: z.string().max(64),
  secret: z.string().max(256),
  node: z.string().max(63),
  machineId: z.string().max(64),
  request: z.string().max(16_384),
  addresses: z.array(z.string().max(128)).max(16),
  role: z.enum(['node', 'witness']).optional(),
})

export type EnrolRequest = z.infer<typeof enrolRequest>

/** What a new member needs to begin. A newer member may say more. */
export const enrolAnswer = z.object({
  certificate: z.string(),
  authority: z.string(),
  authorityKey: z.string(),
  /** The cluster's configuration register. */
  cluster: z.object({
    stamp: z.object({ wallMs: z.number(), count: z.number(), node: z.string() }),
    text: z.string(),
    /** What the member goes by that lets it in; absent from agents that go by the newest configuration alone. */
    rules: z.array(rules).readonly().optional(),
  }),
})

export type EnrolAnswer = z.infer<typeof enrolAnswer>
