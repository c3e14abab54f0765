import { commandText } from '../../../resources/kit/command-text.js'
import { livesIn, plan, type PlannedAction, type Stage } from '../../../core/plan.js'
import { ok, type Result } from '../../../core/result.js'
import type { Resource, Service } from '../../../core/service.js'
import type { OrderSelection } from '../../../core/world.js'
import type { AnyDriver, Context, Step } from '../../../resources/driver.js'
import type { PlannedStep } from '../../api/contract.js'
import { byRelease, passedOver, phasesOf, phaseSteps } from './phases.js'
import { contextOf, type Node } from './view.js'

/** What a dry run is asked for. */
export interface PlanOptions {
  readonly node: Node
  readonly service: Service
  readonly action: PlannedAction | 'restart'
  readonly selection: OrderSelection
  readonly leader: boolean
  readonly generation: number | null
  /** Behind a preparation: what that does is left out. */
  readonly prepared?: boolean
}

/** The steps of an action in order, from the state that it would begin in: nothing is run, nothing is looked at. */
export function planSteps(options: PlanOptions): Result<readonly PlannedStep[]> {
  const { action } = options
  if (action !== 'restart') return onePass(options, action)
  const down = onePass(options, 'stop')
  const up = onePass(options, 'start')
  if (!down.ok) return down
  return up.ok ? ok([...down.value, ...up.value]) : up
}

function onePass(options: PlanOptions, action: PlannedAction): Result<readonly PlannedStep[]> {
  const planned = plan(options.service, action, options.selection)
  if (!planned.ok) return planned
  const stages = planned.value
  const resources = stages.flat()
  const starts = action === 'start' || (action === 'provision' && options.leader)
  const early = starts ? resources.flatMap((resource) => earlyLines(options, resource)) : []
  const lines = [
    ...early,
    ...(action === 'stop' ? stopLines(options, stages) : linesOf(options, action, resources)),
  ]
  if (options.prepared !== true || action !== 'start') return ok(lines)
  const before = onePass(options, 'prepare')
  if (!before.ok) return before
  return ok(
    lines.filter(({ rid, text }) => !before.value.some((one) => one.rid === rid && one.text === text)),
  )
}

/** What holds nothing is removed once everything exclusive is released, or before its namespace goes. */
function stopLines(options: PlanOptions, stages: readonly Stage[]): readonly PlannedStep[] {
  const lines: PlannedStep[] = []
  let waiting: readonly Resource[] = []
  const clear = (due: (resource: Resource) => boolean): void => {
    lines.push(...linesOf(options, 'stop', waiting.filter(due), 'later'))
    waiting = waiting.filter((resource) => !due(resource))
  }
  const last = stages.findLastIndex((stage) => stage.some(({ exclusive }) => exclusive))
  for (const [n, stage] of stages.entries()) {
    clear((resource) => livesIn(resource, stage))
    lines.push(...linesOf(options, 'stop', stage, 'now'))
    waiting = [...waiting, ...stage]
    if (n === last) clear(() => true)
  }
  clear(() => true)
  return lines
}

type Turn = 'now' | 'later' | null

const linesOf = (
  options: PlanOptions,
  action: PlannedAction,
  resources: readonly Resource[],
  turn: Turn = null,
): readonly PlannedStep[] => resources.flatMap((resource) => resourceLines(options, action, resource, turn))

function resourceLines(
  options: PlanOptions,
  action: PlannedAction,
  resource: Resource,
  turn: Turn,
): readonly PlannedStep[] {
  const { rid } = resource
  const driver = options.node.registry.find(resource)
  const missing = `no driver ${resource.group}.${resource.type} on this node`
  if (driver === null) return turn === 'later' ? [] : [{ rid, text: missing }]
  const ctx = contextOf(options.node, options.service, resource, options.generation)
  const all = stepsOf(options, action, driver, ctx)
  const steps = turn === null ? all : byRelease(resource, all)[turn]
  const lines = steps.map((step) => ({ rid, text: textOf(step) }))
  if (lines.length === 0 || action === 'prepare' || turn === 'later') return lines
  const triggered = (when: 'pre' | 'post'): readonly PlannedStep[] =>
    resource.triggers
      .filter((trigger) => trigger.when === when && trigger.action === action)
      .map((trigger) => ({ rid, text: commandText(trigger.command) }))
  return [...triggered('pre'), ...lines, ...triggered('post')]
}

function stepsOf(
  options: PlanOptions,
  action: PlannedAction,
  driver: AnyDriver,
  ctx: Context,
): readonly Step[] {
  return phasesOf(action, ctx.resource, driver, options.leader).flatMap((phase) => {
    const force = options.selection.force || action === 'unprovision'
    if (passedOver(ctx.resource, driver, phase, force) !== null) return []
    return phaseSteps(
      driver,
      ctx,
      phase,
      driver.assume(ctx, phase === 'stop' ? 'up' : 'down'),
      options.leader,
    )
  })
}

function earlyLines(options: PlanOptions, resource: Resource): readonly PlannedStep[] {
  const driver = options.node.registry.find(resource)
  if (driver?.early === undefined) return []
  const ctx = contextOf(options.node, options.service, resource, options.generation)
  const step = driver.early(ctx, driver.assume(ctx, 'down'))
  return step === null ? [] : [{ rid: resource.rid, text: textOf(step) }]
}

const textOf = (step: Step): string => (step.kind === 'command' ? commandText(step.argv) : step.text)
