import type { Intent } from '../intent.js'
import { isLapsed, leaseEndsMs, leaseWords } from '../lease.js'
import { localOf, ownDocument, ownInstance } from '../view.js'
import { isClean } from '../voting.js'
import type { ServiceView, World } from '../world.js'
import { withdraw } from './claim.js'
import { act, intend, note, nothing, type Verdict } from './verdict.js'

/** A stop by force that did not release everything is tried again after this long. */
const againMs = 1000

/**
 * The lease is over: what is exclusive is stopped by force, whatever freezes, failed states, targets and `orchestrate` say, since another
 * node may soon start it.
 */
export function lapseSteps(world: World, view: ServiceView): Verdict {
  const { name } = view.service
  const instance = ownInstance(world, name)
  if (instance === null) return nothing
  const why = `the lease is over: ${leaseWords(world)}`
  const running = world.actions[name]
  if (running !== undefined) {
    if (running.forced || running.aborting) return note(why)
    return intend({ do: 'abort', service: name, id: running.id, why })
  }
  switch (instance.place.kind) {
    case 'none':
      return note(why)
    case 'claimed':
      return intend(withdraw(world, name, why))
    case 'held':
      return ended(world, name, instance.started, why)
  }
}

function ended(world: World, service: string, started: boolean, why: string): Verdict {
  const { released, forcedAtMs } = localOf(world, service)
  if (released && !started)
    return intend({ do: 'release', service, why: 'every exclusive resource was seen released' })
  const againAtMs = forcedAtMs + againMs
  if (world.nowMs < againAtMs) return note(`${why}; not everything was released yet`, againAtMs)
  return intend(act(service, 'stop', why, { forced: true, withinMs: world.cluster.stopMaxMs }))
}

/** A lapsed lease ends once nothing exclusive is held: a new one may begin then. */
export function lapseOver(world: World): readonly Intent[] {
  if (!isLapsed(world) || !isClean(world) || claims(world)) return []
  const why = `the lease is over: ${leaseWords(world)}; nothing exclusive is held, so that a new one may begin`
  return [{ do: 'end lapse', why }]
}

/** A lease lasts for as long as a claim does, or the claim was not worth its answers. */
const claims = (world: World): boolean =>
  Object.values(ownDocument(world).instances).some(({ place }) => place.kind === 'claimed')

/** Monotonic milliseconds at which this node's lease ends, where one is running. */
export function leaseWakes(world: World): readonly number[] {
  const { begun, lapsed } = world.lease
  if (!world.cluster.quorum || !begun || lapsed) return []
  const endsMs = leaseEndsMs(world)
  return Number.isFinite(endsMs) && endsMs > world.nowMs ? [endsMs] : []
}

/** Stops and what needs no place go on; everything else waits for a lease. */
export function withoutLease(world: World, verdict: Verdict): Verdict {
  const kept = verdict.intents.filter((intent) => {
    if (intent.do === 'claim') return false
    return intent.do !== 'act' || intent.action === 'stop' || intent.action === 'prepare'
  })
  if (kept.length === verdict.intents.length) return verdict
  return { ...verdict, intents: kept, note: `no lease: ${leaseWords(world)}` }
}
