import type { TargetAction } from '../../src/core/request/target.js'
import type { Service } from '../../src/core/service.js'
import { Chance } from './chance.js'
import type { LocalAction } from './local.js'
import { flag, flagService } from './service.js'
import type { Lost } from './network.js'
import type { Times } from './options.js'
import type { Ailment } from './work.js'

/** One thing that happens to a cluster from outside. */
export type Step =
  | { readonly do: 'crash' | 'boot' | 'kill daemon' | 'stop daemon' | 'isolate'; readonly node: string }
  | { readonly do: 'pause' | 'resume' | 'fill disk' | 'empty disk'; readonly node: string }
  /** Power is lost and comes back, and what its store has learnt in the time before is lost with it. */
  | { readonly do: 'roll back'; readonly node: string; readonly ms: number }
  | { readonly do: 'jump'; readonly node: string; readonly ms: number }
  | {
      readonly do: 'cut' | 'cut one way' | 'mend'
      readonly node: string
      readonly other: string
    }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'reorder'; readonly share: number }
  | { readonly do: 'lose'; readonly node: string; readonly other: string; readonly what: Lost }
  | { readonly do: 'heal' }
  | {
      readonly do: 'configure'
      readonly node: string
      readonly service: string
      readonly members: readonly string[]
    }
  /** The service's configuration loses its resource, and nobody refuses that: as in an edit on the other side of a cut. */
  | { readonly do: 'take out'; readonly node: string; readonly service: string }
  /** `members`: nodes and witnesses. */
  | {
      readonly do: 'reconfigure'
      readonly node: string
      readonly members: readonly string[]
      readonly times: Times
    }
  | { readonly do: 'quorum'; readonly node: string; readonly on: boolean }
  /** It becomes a member, by one that is. */
  | { readonly do: 'join'; readonly node: string; readonly by: string }
  /** It says so first, and has forgotten its cluster when the others have agreed. */
  | { readonly do: 'leave'; readonly node: string }
  | { readonly do: 'expect up'; readonly service: string }
  | { readonly do: 'lose messages'; readonly share: number }
  | { readonly do: 'ail'; readonly node: string; readonly service: string; readonly ailment: Ailment | null }
  | { readonly do: 'lose resource'; readonly node: string; readonly service: string }
  | {
      readonly do: 'ask'
      readonly node: string
      readonly service: string
      readonly action: TargetAction
      readonly to?: string
    }
  /** `about`: which node, where it is not the one that is asked. */
  | {
      readonly do: 'ask node'
      readonly node: string
      readonly action: 'freeze' | 'thaw' | 'drain'
      readonly about?: string
    }
  /** On this node's instance alone; of one resource, where it is named. */
  | {
      readonly do: 'act locally'
      readonly node: string
      readonly service: string
      readonly action: LocalAction
      readonly rid?: string
    }
  /** The machine has so much to do. */
  | { readonly do: 'load'; readonly node: string; readonly load15m: number }
  | {
      readonly do: 'order'
      readonly nodes: readonly string[]
      readonly service: string
      readonly action: 'start' | 'stop' | 'restart'
    }
  | { readonly do: 'confirm off'; readonly node: string; readonly other: string }

export interface Schedule {
  readonly seed: number
  readonly nodes: readonly string[]
  readonly services: readonly Service[]
  readonly steps: readonly { readonly atMs: number; readonly step: Step }[]
}

/** Faults and commands go on for so long, then all is healed. */
export const troubleMs = 15_000

export function scheduleOf(seed: number): Schedule {
  const chance = new Chance(seed)
  const count = chance.pick([2, 2, 3, 3, 4, 5])
  const nodes = Array.from({ length: count }, (_, i) => `node${i + 1}`)
  const services = servicesOf(chance, nodes)
  const steps: { readonly atMs: number; readonly step: Step }[] = []
  for (let atMs = chance.between(0, 2000); atMs < troubleMs; atMs += gapMs(chance)) {
    steps.push({ atMs, step: anyStep(chance, nodes, services) })
  }
  return { seed, nodes, services, steps }
}

/** Mostly long enough for a timeout, at times much shorter than anything that follows a step. */
const gapMs = (chance: Chance): number =>
  chance.happens(0.3) ? chance.between(5, 200) : chance.between(300, 3000)

function servicesOf(chance: Chance, nodes: readonly string[]): readonly Service[] {
  const db = flagService('db1', chance.happens(0.3) ? nodes.toReversed() : nodes, {
    orchestrate: 'ha',
    onDuplicate: chance.pick(['stop oldest', 'stop newest', 'placement']),
    monitorAction: chance.pick(['none', 'switch', 'freezestop']),
    resources: [{ ...flag, monitor: true, restart: chance.between(1, 2) }],
  })
  if (chance.happens(0.5)) return [db]
  const orchestrate = chance.pick(['no', 'start', 'ha'] as const)
  const parents = chance.happens(0.5) ? ['db1'] : []
  const children = chance.happens(0.3) ? ['web'] : []
  return [{ ...db, children }, flagService('web', nodes, { orchestrate, parents, resources: db.resources })]
}

function anyStep(chance: Chance, nodes: readonly string[], services: readonly Service[]): Step {
  const node = chance.pick(nodes)
  const other = chance.pick(nodes.filter((name) => name !== node))
  const service = chance.pick(services).name
  const makers: readonly (() => Step)[] = [
    () => ({ do: 'crash', node }),
    () => ({ do: 'boot', node }),
    () => ({ do: 'boot', node }),
    () => ({ do: 'kill daemon', node }),
    () => ({ do: 'stop daemon', node }),
    () => ({ do: 'isolate', node }),
    () => ({ do: 'cut', node, other }),
    () => ({ do: 'cut', node, other }),
    () => ({ do: 'cut one way', node, other }),
    () => ({ do: 'heal' }),
    () => ({ do: 'heal' }),
    () => ({ do: 'lose messages', share: chance.pick([0, 0.1, 0.3]) }),
    () => ({
      do: 'ail',
      node,
      service,
      ailment: chance.pick([null, null, 'start', 'rollback', 'stop', 'slow']),
    }),
    () => ({ do: 'lose resource', node, service }),
    ...Array.from({ length: 7 }, () => (): Step => ({
      do: 'ask',
      node,
      service,
      action: chance.pick(actions),
    })),
    () => ({ do: 'ask node', node, action: chance.pick(['freeze', 'thaw', 'thaw', 'drain']) }),
    () => ({
      do: 'order',
      nodes: [node],
      service,
      action: chance.pick(['start', 'stop', 'restart'] as const),
    }),
    () => ({ do: 'order', nodes: [node, other], service, action: 'start' }),
    () => ({ do: 'confirm off', node, other }),
  ]
  return chance.pick(makers)()
}

const actions: readonly TargetAction[] = [
  'start',
  'start',
  'stop',
  'restart',
  'switch',
  'switch',
  'takeover',
  'giveback',
  'freeze',
  'thaw',
  'abort',
  'clear',
  'provision',
]
