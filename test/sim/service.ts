import type { Resource, Service } from '../../src/core/service.js'

export const flag: Resource = {
  rid: 'fs#1',
  group: 'fs',
  type: 'flag',
  keywords: {},
  subset: null,
  tags: [],
  disable: false,
  optional: false,
  monitor: false,
  standby: false,
  shared: false,
  restart: 0,
  restartDelayMs: 500,
  provision: true,
  unprovision: true,
  timeouts: { start: 60_000, stop: 60_000, provision: 60_000, unprovision: 60_000, status: 5000 },
  triggers: [],
  requires: [],
  exclusive: true,
  identity: 'flag',
  comment: null,
}

/** A failover service with one flag. */
export function flagService(name: string, nodes: readonly string[], change: Partial<Service> = {}): Service {
  return {
    name,
    version: `${name}-1`,
    nodes,
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
    resources: [flag],
    parallelSubsets: [],
    env: {},
    ...change,
  }
}
