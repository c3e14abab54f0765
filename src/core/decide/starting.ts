import type { ActIntent } from '../intent.js'
import type { ServiceView, World } from '../world.js'
import { ownInstance } from '../view.js'
import { pursue } from './claim.js'
import { missingParent } from './dependencies.js'
import { intend, type Verdict } from './verdict.js'

/** Starts here, parents first. */
export function startHere(world: World, view: ServiceView, wanted: ActIntent, patient: boolean): Verdict {
  const missing = missingParent(world, view.service)
  if (missing !== null) return waitFor(world, view, 'wait parents', missing)
  return pursue(world, view, wanted, patient)
}

/** Says what is waited for, in the instance's monitor state too. */
export function waitFor(
  world: World,
  view: ServiceView,
  state: 'wait parents' | 'wait children',
  why: string,
): Verdict {
  const service = view.service.name
  if (ownInstance(world, service)?.monitor === state)
    return { intents: [], note: why, wakesMs: [], waiting: state }
  return { ...intend({ do: 'wait', service, state, why }), waiting: state }
}
