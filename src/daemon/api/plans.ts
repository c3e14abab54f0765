import { nextGeneration } from '../../core/generations.js'
import { eligible, ranked } from '../../core/placement.js'
import { askTarget } from '../../core/request/target.js'
import { fail, ok, type Result } from '../../core/result.js'
import { holders } from '../../core/view.js'
import { obstacles } from '../agent/action/obstacles.js'
import { planSteps } from '../agent/action/plan-steps.js'
import type { ClusterRoom } from '../cluster-room.js'
import type { LocalRequest, NodePlan, PlanAnswer } from './contract.js'
import type { House } from './house.js'

/** What a dry run is asked for on one node. */
export interface LocalPlan {
  readonly action: string
  readonly selection: LocalRequest['selection']
  /** Behind a preparation: what that does is not shown again. */
  readonly prepared: boolean
}

/** The whole service. */
export const everything = { rids: [], tags: [], subsets: [], upto: null, downto: null, force: false } as const

/** What this node would run. */
export async function localPlan(
  room: ClusterRoom,
  name: string,
  { action, selection, prepared }: LocalPlan,
): Promise<Result<PlanAnswer>> {
  const view = room.agent.world.services[name]
  if (view === undefined)
    return fail('UNKNOWN', `there is no service ${name}: svcmon shows those that there are`)
  const planned = plannedAction(action)
  if (planned === null) return fail('INVALID', `there is no dry run of ${action}`)
  const { service } = view
  const generation = nextGeneration(room.agent.world, name)
  const options = { node: room.node, service, selection, leader: true, generation, prepared }
  const steps = planSteps({ ...options, action: planned })
  if (!steps.ok) return steps
  const inTheWay = planned === 'stop' ? [] : await obstacles(service, room.node)
  return ok({ nodes: [{ node: room.node.name, action: planned, steps: steps.value, obstacles: inTheWay }] })
}

const plannedAction = (action: string): 'prepare' | 'start' | 'stop' | null =>
  action === 'prepare' || action === 'start' || action === 'stop' ? action : null

/** Which nodes would do what, each asked for its own plan. */
export async function clusterPlan(
  house: House,
  room: ClusterRoom,
  name: string,
  action: string,
  node: string | null,
): Promise<Result<PlanAnswer>> {
  const parts = partsOf(room, name, action, node)
  if (!parts.ok) return parts
  const nodes: NodePlan[] = []
  for (const part of parts.value) {
    const path = `/api/services/${encodeURIComponent(name)}/plan?local=1&action=${part.action}${part.prepared ? '&prepared=1' : ''}`
    const plan =
      part.node === room.node.name
        ? await localPlan(room, name, { ...part, selection: everything })
        : await house.ask<PlanAnswer>(part.node, path)
    if (!plan.ok) return plan
    nodes.push(...plan.value.nodes)
  }
  return ok({ nodes })
}

interface Part {
  readonly node: string
  readonly action: string
  readonly prepared: boolean
}

const part = (node: string, action: string, prepared = false): Part => ({ node, action, prepared })

function partsOf(
  room: ClusterRoom,
  name: string,
  action: string,
  node: string | null,
): Result<readonly Part[]> {
  const { world } = room.agent
  const view = world.services[name]
  if (view === undefined)
    return fail('UNKNOWN', `there is no service ${name}: svcmon shows those that there are`)
  const holding = holders(world, name)
  const best = node ?? eligible(world, view.service)[0] ?? ranked(world, view.service)[0] ?? world.self
  switch (action) {
    case 'switch':
    case 'takeover':
    case 'giveback': {
      const asked = { service: name, action, node, timeMs: null, author: 'user', id: 'dry run' } as const
      const granted = askTarget(world, asked)
      if (!granted.ok) return granted
      const to = granted.value.target?.name.split('@')[1]
      if (to === undefined) return ok([])
      const leaving = holding.filter((n) => n !== to)
      if (leaving.length === 0) return ok([part(to, 'start')])
      return ok([part(to, 'prepare'), ...leaving.map((n) => part(n, 'stop')), part(to, 'start', true)])
    }
    case 'stop':
      return ok(holding.map((n) => part(n, 'stop')))
    case 'start':
      return ok(holding.length > 0 ? [] : [part(best, 'start')])
  }
  return fail('INVALID', `there is no dry run of ${action}`)
}
