import type { Service } from '../../src/core/service.js'
import type { SelfFence } from './options.js'
import type { Step } from './schedule.js'
import { flagService } from './service.js'
import type { Soak } from './soak.js'

export const three = ['node1', 'node2', 'node3']
const lastsMinutes = 1

interface Cast {
  readonly nodes?: readonly string[]
  readonly witnesses?: readonly string[]
  /** Nodes among them that are no members at first. */
  readonly joiners?: readonly string[]
  readonly change?: Partial<Service>
  /** Nodes can be powered off by others. */
  readonly fencing?: boolean
  /** Absent: the watchdog. */
  readonly selfFence?: SelfFence
}

/** Steps at their milliseconds, on a cluster with quorum whose service `db1` is up on the first node. */
export function story(cast: Cast, ...steps: readonly (readonly [number, Step])[]): Soak {
  const { nodes = three, witnesses = [], joiners = [], change = {} } = cast
  const { fencing = false, selfFence = 'watchdog' } = cast
  return {
    seed: 1,
    setting: {
      nodes: nodes.length,
      witnesses: witnesses.length,
      quorum: true,
      fencing,
      selfFence,
      minutes: lastsMinutes,
    },
    nodes,
    witnesses,
    joiners,
    services: [flagService('db1', nodes, { orchestrate: 'ha', ...change })],
    steps: steps.map(([atMs, step]) => ({ atMs, step })),
    buggify: false,
  }
}

/** The same on each of them. */
export const each = (
  atMs: number,
  nodes: readonly string[],
  make: (node: string) => Step,
): (readonly [number, Step])[] => nodes.map((node) => [atMs, make(node)])

export const db1 = { service: 'db1' } as const

export const two: Cast = { nodes: ['node1', 'node2'], witnesses: ['witness1'] }
