import type { InstanceDocument, ResourceDocument } from '../../../src/core/document.js'
import type {
  ClusterStatus,
  InstanceStatus,
  NodeStatus,
  ServiceStatus,
} from '../../../src/daemon/api/contract.js'
import type { LogEntry } from '../../../src/daemon/ports.js'

// A cluster of two nodes with the tutorial's service, as `GET /api/status` tells of it. Every function takes what differs.

export const NOW = Date.UTC(2026, 2, 1, 20, 36, 10)

export function resource(label: string, differs: Partial<ResourceDocument> = {}): ResourceDocument {
  return {
    status: 'up',
    label,
    type: 'xfs',
    messages: [],
    provisioned: true,
    ...differs,
    flags: {
      running: false,
      monitor: false,
      disable: false,
      optional: false,
      standby: false,
      restartsLeft: null,
      userStopped: false,
      ...differs.flags,
    },
  }
}

const TUTORIAL: Readonly<Record<string, ResourceDocument>> = {
  'container#0': resource('docker container db1.container.0@google/pause'),
  'container#1': resource('docker container db1.container.1@postgres'),
  'disk#0': resource('vg db1'),
  'disk#1': resource('lv db1/data'),
  'fs#1': resource('xfs /dev/db1/data@/srv/db1/data'),
  'ip#0': resource('netns ipvlan-l2 192.168.100.14/24 bond0@container#0'),
  'sync#i0': resource('rsync svc config to nodes', {
    provisioned: null,
    flags: { optional: true } as ResourceDocument['flags'],
  }),
}

export function document(differs: Partial<InstanceDocument> = {}): InstanceDocument {
  return {
    configVersion: 'c1',
    place: { kind: 'held', generation: 1, since: 0 },
    monitor: 'idle',
    failure: null,
    avail: 'up',
    overall: 'up',
    provisioned: true,
    started: true,
    sawTarget: null,
    preparedFor: null,
    doneTarget: null,
    resources: TUTORIAL,
    ...differs,
  }
}

export const stopped = (differs: Partial<InstanceDocument> = {}): InstanceDocument =>
  document({
    avail: 'down',
    overall: 'down',
    started: false,
    place: { kind: 'none' },
    resources: Object.fromEntries(
      Object.entries(TUTORIAL).map(([rid, each]) => [rid, { ...each, status: 'down' as const }]),
    ),
    ...differs,
  })

export function instance(
  node: string,
  doc: InstanceDocument | null,
  differs: Partial<InstanceStatus> = {},
): InstanceStatus {
  return { node, frozen: false, nodeFrozen: false, reachable: true, instance: doc, ...differs }
}

export function service(differs: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name: 'db1',
    avail: 'up',
    overall: 'up',
    placement: 'optimal',
    topology: 'failover',
    orchestrate: 'no',
    priority: 50,
    provisioned: 'true',
    frozen: 'thawed',
    target: null,
    up: 1,
    wanted: 1,
    best: 'node1',
    why: null,
    configVersion: 'c1',
    configProblem: null,
    parents: [],
    children: [],
    instances: [instance('node1', document()), instance('node2', stopped())],
    ...differs,
  }
}

export function node(name: string, differs: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name,
    role: 'node',
    reachable: true,
    heardBy: [],
    state: 'idle',
    frozen: false,
    version: '0.1.0',
    load: {
      load15m: 0.4,
      memTotalMb: 16_000,
      memAvailMb: 9_280,
      swapTotalMb: 0,
      swapAvailMb: 0,
      cpus: 2,
    },
    silentSinceWallMs: null,
    ...differs,
  }
}

export function cluster(differs: Partial<ClusterStatus> = {}): ClusterStatus {
  return {
    node: 'node1',
    cluster: 'lab',
    protection: 'unprotected against split brain: quorum is off',
    gaps: ['unprotected against split brain: set cluster.quorum=true'],
    wallMs: NOW,
    daemon: {
      version: '0.1.0',
      pid: 4711,
      startedWallMs: NOW - 11_040_000,
      loopDelay: { p99Ms: 1.84, maxMs: 23.4 },
      paths: [
        {
          id: 'node2/0',
          name: 'hb#0',
          peer: 'node2',
          address: '192.0.2.2:1215',
          state: 'beating',
          ageMs: 130,
          latencyMs: 0.42,
          loss: 0,
          late: 0,
          protocol: 1,
        },
        {
          id: 'node2/1',
          name: 'hb#1',
          peer: 'node2',
          address: '198.51.100.2:1215',
          state: 'stale',
          ageMs: 12_300,
          latencyMs: null,
          loss: 0.243,
          late: 0.1,
          protocol: null,
        },
      ],
    },
    nodes: [node('node1'), node('node2')],
    services: [service()],
    ...differs,
  }
}

export function log(seconds: number, differs: Partial<LogEntry>): LogEntry {
  return {
    wallMs: NOW - 20_000 + Math.round(seconds * 1000),
    node: 'node1',
    service: 'db1',
    rid: null,
    level: 'info',
    message: '',
    action: null,
    ...differs,
  }
}
