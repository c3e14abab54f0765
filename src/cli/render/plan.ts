import type { NodePlan, PlanAnswer } from '../../daemon/api/contract.js'
import { clean, pad, type Paint } from './paint.js'

/** What a dry run prints: a block a node, in the order in which the nodes take part. */
export function planLines(service: string, plan: PlanAnswer, paint: Paint): readonly string[] {
  const taking = plan.nodes.filter((node) => node.steps.length + node.obstacles.length > 0)
  if (taking.length === 0) return [`${service}: nothing would be run`]
  return taking.flatMap((node) => nodeLines(service, node, paint))
}

function nodeLines(service: string, plan: NodePlan, paint: Paint): readonly string[] {
  const widest = Math.max(0, ...plan.steps.map((step) => step.rid.length))
  return [
    paint('title', `${plan.node}.${service} ${plan.action}`),
    ...plan.obstacles.map((obstacle) => `  ${paint('bad', 'error:')} ${clean(obstacle)}`),
    ...plan.steps.map((step) => `  ${pad(step.rid, widest)}  ${clean(step.text)}`),
  ]
}
