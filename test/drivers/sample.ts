import type { Group, Resource, Service, Value } from '../../src/core/service.js'

const minuteMs = 60_000

/** A resource with nothing set but what the test says: `resource('fs#1', 'xfs', { mnt: '/srv' })`. */
export function resource(
  rid: string,
  type: string,
  keywords: Readonly<Record<string, Value>> = {},
  rest: Partial<Resource> = {},
): Resource {
  return {
    rid,
    group: rid.split('#')[0] as Group,
    type,
    keywords,
    subset: null,
    tags: [],
    disable: false,
    optional: false,
    monitor: false,
    standby: false,
    shared: false,
    restart: 0,
    restartDelayMs: 0,
    provision: true,
    unprovision: true,
    timeouts: {
      start: minuteMs,
      stop: minuteMs,
      provision: minuteMs,
      unprovision: minuteMs,
      status: minuteMs,
    },
    triggers: [],
    requires: [],
    exclusive: true,
    identity: '',
    comment: null,
    ...rest,
  }
}

export function service(resources: readonly Resource[], rest: Partial<Service> = {}): Service {
  return {
    name: 'db1',
    version: 'v1',
    nodes: ['node1', 'node2'],
    topology: 'failover',
    orchestrate: 'no',
    placement: 'nodes order',
    priority: 50,
    parents: [],
    children: [],
    monitorAction: 'none',
    preMonitorAction: null,
    rollback: true,
    disable: false,
    showDisabled: true,
    onDuplicate: 'stop oldest',
    resources,
    parallelSubsets: [],
    env: {},
    ...rest,
  }
}
