import { z } from 'zod'
import type { Service } from '../../core/service.js'
import { instanceDocument, open, rules, stamp, startNumber, type Same } from '../peers/schema.js'
import type { Kept, KeptRules } from './durable.js'

// What a node remembers of itself, checked when it is read back: another version of the agent may have written it. A field that the types gain and that is
// missing here breaks the build; a later version that needs a field which this one does not write says there what its absence means.

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly(), z.null()])
const action = z.enum(['start', 'stop', 'provision', 'unprovision'])
const words = z.array(z.string()).readonly()

const resource = open({
  rid: z.string(),
  group: z.enum(['ip', 'disk', 'fs', 'container', 'app', 'sync']),
  type: z.string(),
  keywords: z.record(z.string(), value),
  subset: z.string().nullable(),
  tags: words,
  disable: z.boolean(),
  optional: z.boolean(),
  monitor: z.boolean(),
  standby: z.boolean(),
  shared: z.boolean(),
  restart: z.number(),
  restartDelayMs: z.number(),
  provision: z.boolean(),
  unprovision: z.boolean(),
  timeouts: open({
    start: z.number(),
    stop: z.number(),
    provision: z.number(),
    unprovision: z.number(),
    status: z.number(),
  }),
  triggers: z
    .array(open({ when: z.enum(['pre', 'post']), action, blocking: z.boolean(), command: words }))
    .readonly(),
  requires: z.array(open({ action, rid: z.string(), states: words })).readonly(),
  exclusive: z.boolean(),
  identity: z.string(),
  comment: z.string().nullable(),
})

const service = open({
  name: z.string(),
  version: z.string(),
  nodes: words,
  topology: z.enum(['failover', 'flex']),
  orchestrate: z.enum(['no', 'start', 'ha']),
  placement: z.enum(['none', 'nodes order', 'load avg']),
  priority: z.number(),
  parents: words,
  children: words,
  monitorAction: z.enum(['none', 'freezestop', 'switch', 'reboot', 'crash']),
  preMonitorAction: z.string().nullable(),
  rollback: z.boolean(),
  disable: z.boolean(),
  showDisabled: z.boolean(),
  onDuplicate: z.enum(['stop oldest', 'stop newest', 'placement', 'freeze']),
  resources: z.array(resource).readonly(),
  parallelSubsets: words,
  env: z.record(z.string(), z.string()),
})

export const keptInstance = open({
  generation: startNumber,
  provisioned: z.boolean(),
  foundAtBoot: z.boolean(),
  preparedFor: z.string().nullable().optional(),
  former: service.nullable().optional(),
  started: z.boolean(),
  monitor: instanceDocument.shape.monitor,
  failure: z.string().nullable(),
  doneTarget: z.string().nullable(),
  formerMembers: words,
})

export const keptRules = open({
  changed: stamp.nullable(),
  all: z.array(rules).readonly(),
  said: z.boolean(),
})

/** Never called: compiles only while schema and type say the same, field for field. */
export function schemasMatch(): readonly true[] {
  const known: Same<z.output<typeof service>, Service> = true
  const instance: Same<z.output<typeof keptInstance>, Kept> = true
  const kept: Same<z.output<typeof keptRules>, KeptRules> = true
  return [known, instance, kept]
}
