import type { ActionTimeouts, Group, Requirement, Resource, Trigger, Value } from '../../core/service.js'
import type { SectionSchema } from '../keyword.js'
import { RESOURCE_ACTIONS } from '../keywords/resource.js'

export type Values = Readonly<Record<string, Value>>

/** A resource from the converted values of its section. `exclusive` is decided later, with the other resources in sight; its driver tells `identity`. */
export function resourceOf(o: {
  readonly rid: string
  readonly schema: SectionSchema
  readonly values: Values
  readonly ownKeywords: ReadonlySet<string>
  readonly requires: readonly Requirement[]
}): Resource {
  const { rid, values, ownKeywords } = o
  const flag = (name: string): boolean => values[name] === true
  return {
    rid,
    group: o.schema.group ?? 'sync',
    type: o.schema.type ?? '',
    keywords: Object.fromEntries(Object.entries(values).filter(([name]) => ownKeywords.has(name))),
    subset: textOf(values['subset']),
    tags: wordsOf(values['tags']),
    disable: flag('disable'),
    optional: flag('optional') || wordsOf(values['tags']).includes('noaction'),
    monitor: flag('monitor'),
    standby: flag('standby'),
    shared: flag('shared'),
    restart: numberOf(values['restart']) ?? 0,
    restartDelayMs: numberOf(values['restart_delay']) ?? 0,
    provision: flag('provision'),
    unprovision: flag('unprovision'),
    timeouts: timeoutsOf(values, ownKeywords),
    triggers: triggersOf(values),
    requires: o.requires,
    exclusive: true,
    identity: '',
    comment: textOf(values['comment']),
  }
}

/** What a container's own waits leave for the engine itself to answer, in milliseconds. */
const MARGIN_MS = 30_000

const UNSET_TIMEOUT_MS = 600_000

// A driver with waits of its own (a container's `start_timeout` and `stop_timeout`) gets them, the pull, and a margin.
function timeoutsOf(values: Values, own: ReadonlySet<string>): ActionTimeouts {
  const general = numberOf(values['timeout']) ?? UNSET_TIMEOUT_MS
  const limit = (name: string, besides: number): number => {
    const set = numberOf(values[name])
    return own.has(name) ? (set ?? 0) + besides + MARGIN_MS : (set ?? general)
  }
  return {
    start: limit('start_timeout', numberOf(values['pull_timeout']) ?? 0),
    stop: limit('stop_timeout', 0),
    provision: limit('provision_timeout', 0),
    unprovision: limit('unprovision_timeout', 0),
    status: numberOf(values['status_timeout']) ?? general,
  }
}

function triggersOf(values: Values): Trigger[] {
  return RESOURCE_ACTIONS.flatMap((action) =>
    (['pre', 'post'] as const).flatMap((when) =>
      [false, true].flatMap((blocking): Trigger[] => {
        const command = wordsOf(values[`${blocking ? 'blocking_' : ''}${when}_${action}`])
        return command.length === 0 ? [] : [{ when, action, blocking, command }]
      }),
    ),
  )
}

/** The resource that every service has besides its written ones: the replication of its configuration. */
export function implicitSync(group: Group, statusMs: number): Resource {
  const limit = UNSET_TIMEOUT_MS
  return {
    rid: `${group}#i0`,
    group,
    type: 'config',
    keywords: {},
    subset: null,
    tags: [],
    disable: false,
    optional: true,
    monitor: false,
    standby: false,
    shared: false,
    restart: 0,
    restartDelayMs: 0,
    provision: false,
    unprovision: false,
    timeouts: { start: limit, stop: limit, provision: limit, unprovision: limit, status: statusMs },
    triggers: [],
    requires: [],
    exclusive: false,
    identity: '',
    comment: null,
  }
}

export const textOf = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null)
export const numberOf = (value: Value | undefined): number | null =>
  typeof value === 'number' ? value : null
export const wordsOf = (value: Value | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly string[]) : []
