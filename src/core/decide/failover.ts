import { hasLease } from '../lease.js'
import { hears, returning } from '../membership.js'
import { candidates, hearsTooFew, ranked, unfit } from '../placement.js'
import { frozenBy, holders, ownInstance, placeOn } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { startHere } from './starting.js'
import { stopHere } from './stopping.js'
import { whyNowhere } from './target/started.js'
import { act, note, nothing, type Verdict } from './verdict.js'

/** `orchestrate: ha` and `start`: where nothing is held anywhere, the first eligible node claims and starts. */
export function failover(world: World, view: ServiceView): Verdict {
  const { service } = view
  if (service.orchestrate === 'no') return nothing
  const frozen = frozenBy(world, service.name, world.self)
  if (frozen !== null) return note(frozen)
  const holder = holders(world, service.name).find((node) => hears(world, node))
  if (holder !== undefined) return holder === world.self ? completed(world, view) : nothing
  if (service.placement === 'none') return note('placement=none: it is started by operators alone')
  // Acknowledged, and not yet told of what was said meanwhile.
  if (hasLease(world) && hearsTooFew(world, world.self))
    return note('waiting to hear a majority of voters before anything is started')
  const back = returning(world)
  if (back !== null)
    return note(`waiting to know what was said while ${back.peer} was not heard`, back.untilMs)
  const first = chosen(world, view)
  if (first === null) return note(whyNowhere(world, view))
  if (first !== world.self) return withdrawQuietly(world, view, first)
  const avail = ownInstance(world, service.name)?.avail ?? 'undef'
  const why = `start ${service.topology} ${avail} instance: orchestrate=${service.orchestrate}, nothing is up and ${first} is first by placement`
  return startHere(world, view, act(service.name, 'start', why), false)
}

/**
 * Held here and never wholly started, as after the end of a daemon in the midst of a start: what is half up serves nobody, and keeps others away. Where a newer
 * configuration waits until what it leaves out is stopped, no service is lost by that stop, and the start goes by the newer one, here or elsewhere.
 */
function completed(world: World, view: ServiceView): Verdict {
  const { service, awaited } = view
  const { name, topology } = service
  const instance = ownInstance(world, name)
  if (instance === null || instance.started || !instance.provisioned) return nothing
  if (unfit(world, service, world.self, service.version) !== null || awaited?.disable) return nothing
  if (awaited !== undefined && instance.avail !== 'up') {
    const why = `stop ${topology} ${instance.avail} instance: it was never wholly started, and its newest configuration waits until it is stopped`
    return stopHere(world, view, act(name, 'stop', why))
  }
  const why = `start ${topology} ${instance.avail} instance: it is held here, and was never wholly started`
  return startHere(world, view, act(name, 'start', why), false)
}

/** `ha`: the best node that can. `start`: only the best of all members, whether it can or not. */
function chosen(world: World, view: ServiceView): string | null {
  const able = candidates(world, view.service)
  if (view.service.orchestrate === 'ha') return able[0] ?? null
  const natural = ranked(world, view.service)[0] ?? null
  return natural !== null && able.includes(natural) ? natural : null
}

function withdrawQuietly(world: World, view: ServiceView, first: string): Verdict {
  const claimed = placeOn(world, world.self, view.service.name)?.kind === 'claimed'
  if (!claimed) return note(`${first} is first by placement`)
  const intent = {
    do: 'withdraw',
    service: view.service.name,
    againAtMs: world.nowMs,
    why: `${first} is first by placement`,
  } as const
  return { intents: [intent], note: intent.why, wakesMs: [] }
}
