import type { Result } from '../../core/result.js'
import type { PlanAnswer } from '../../daemon/api/contract.js'
import type { Call } from '../command.js'
import { refuse, show } from '../output.js'
import { planLines } from '../render/plan.js'
import { oneOrAll } from '../services.js'

/** Prints what each node would run. Exit code 1 where a node could not. */
export async function printPlans(
  call: Call,
  names: readonly string[],
  ask: (name: string) => Promise<Result<PlanAnswer>>,
): Promise<number> {
  const plans: (PlanAnswer & { readonly service: string })[] = []
  let failed = false
  for (const service of names) {
    const plan = await ask(service)
    if (plan.ok) plans.push({ service, ...plan.value })
    else {
      refuse(call.terminal, plan.error)
      failed = true
    }
  }
  await show(call, oneOrAll(call, plans), () =>
    plans.flatMap((plan) => planLines(plan.service, plan, call.paint)),
  )
  const able = plans.every((plan) => plan.nodes.every((node) => node.obstacles.length === 0))
  return failed || !able ? 1 : 0
}
