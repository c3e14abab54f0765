import { hears, silent, silentAtMs } from '../../membership.js'
import { targetName, type TargetEnd, type TargetValue } from '../../register.js'
import { membersOf, steward } from '../../view.js'
import type { ServiceView, World } from '../../world.js'
import { intend, note, nothing, type Verdict } from '../verdict.js'
import { placedEnd, placedSteps } from './placed.js'
import { provisionedEnd, provisionedSteps } from './provisioned.js'
import { restartedEnd, restartedSteps } from './restarted.js'
import { startedEnd, startedSteps } from './started.js'
import { stoppedEnd, stoppedSteps } from './stopped.js'
import { unprovisionedEnd, unprovisionedSteps } from './unprovisioned.js'

/** This node's part in bringing a target state about. */
export function targetSteps(world: World, view: ServiceView, value: TargetValue): Verdict {
  const { target } = value
  switch (target.kind) {
    case 'started':
      return startedSteps(world, view, value)
    case 'stopped':
      return stoppedSteps(world, view, value)
    case 'placed':
      return placedSteps(world, view, value, target.node)
    case 'restarted':
      return restartedSteps(world, view, value, target.node)
    case 'provisioned':
      return provisionedSteps(world, view, value, target.leader)
    case 'unprovisioned':
    case 'purged':
      return unprovisionedSteps(world, view, value, target.leader)
  }
}

/** The steward of a service ends its target state: met, failed, or out of time. A purge's last step is the configuration's end. */
export function endTarget(world: World, view: ServiceView, value: TargetValue): Verdict {
  const service = view.service.name
  if (steward(world, view.service) !== world.self) return nothing
  const awaited = membersOf(view).find((node) => !hears(world, node) && !silent(world, node))
  // Just after a daemon's start nobody is known to be unreachable yet.
  if (awaited !== undefined) return note(`waiting to hear ${awaited}`, silentAtMs(world, awaited))
  const end = howItEnds(world, view, value) ?? late(world, value)
  if (end === null)
    return {
      intents: [],
      note: null,
      wakesMs: [world.nowMs + Math.max(0, value.deadlineWallMs - world.wallMs)],
    }
  const why = `target ${targetName(value.target)} ${end.how}: ${end.why}`
  const verdict = intend({ do: 'end target', service, id: value.id, end, why })
  if (value.target.kind !== 'purged' || end.how !== 'met') return verdict
  return { ...verdict, intents: [...verdict.intents, { do: 'delete config', service, why: 'purged' }] }
}

function howItEnds(world: World, view: ServiceView, value: TargetValue): TargetEnd | null {
  const { target } = value
  switch (target.kind) {
    case 'started':
      return startedEnd(world, view, value)
    case 'stopped':
      return stoppedEnd(world, view, value)
    case 'placed':
      return placedEnd(world, view, value, target.node)
    case 'restarted':
      return restartedEnd(world, view, value, target.node)
    case 'provisioned':
      return provisionedEnd(world, view, value, target.leader)
    case 'unprovisioned':
    case 'purged':
      return unprovisionedEnd(world, view, value)
  }
}

function late(world: World, value: TargetValue): TargetEnd | null {
  return world.wallMs >= value.deadlineWallMs ? { how: 'failed', why: 'its time is over' } : null
}
