import { atLeast, type Place, type Precedence } from '../document.js'
import type { ActIntent, Intent } from '../intent.js'
import { hears } from '../membership.js'
import { ranked } from '../placement.js'
import { instanceOn, localOf, membersOf, ownDocument, ownInstance, placeOn } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { evidenceOn } from './evidence.js'
import { intend, note, type Verdict } from './verdict.js'

type Claimed = Extract<Place, { kind: 'claimed' }>

/**
 * Brings an action about that needs the place: claims it, and begins the action in the turn in which every other member has
 * answered or is covered by evidence. With `patient`, a claim stands while the holder is on its way down.
 */
export function pursue(world: World, view: ServiceView, wanted: ActIntent, patient: boolean): Verdict {
  const instance = ownInstance(world, view.service.name)
  if (instance === null) return note('the first look at the resources is under way')
  switch (instance.place.kind) {
    case 'held':
      return intend(wanted)
    case 'claimed':
      return judge(world, view, instance.place, wanted, patient)
    case 'none':
      return claim(world, view, wanted, patient)
  }
}

function claim(world: World, view: ServiceView, wanted: ActIntent, patient: boolean): Verdict {
  const service = view.service.name
  const { claimAfterMs } = localOf(world, service)
  if (world.nowMs < claimAfterMs) return note('a new claim waits for its turn', claimAfterMs)
  const obstacle = patient ? null : firstObstacle(world, view)
  if (obstacle !== null) return note(obstacle.words, obstacle.wakeAtMs)
  const precedence: Precedence = { rank: ranked(world, view.service).indexOf(world.self), node: world.self }
  return intend({
    do: 'claim',
    service,
    generation: nextGeneration(world, view),
    precedence,
    why: wanted.why,
  })
}

/** One above any generation that anybody ever told of. */
export function nextGeneration(world: World, view: ServiceView): number {
  const told = Object.keys(world.documents).map((node) => {
    const place = placeOn(world, node, view.service.name)
    return place === null || place.kind === 'none' ? 0 : place.generation
  })
  return Math.max(localOf(world, view.service.name).generation, ...told) + 1
}

/** A claim that cannot be granted as things stand would only disturb: says what stands in its way. */
function firstObstacle(world: World, view: ServiceView): { words: string; wakeAtMs: number | null } | null {
  for (const member of others(world, view)) {
    if (hears(world, member)) {
      if (placeOn(world, member, view.service.name)?.kind === 'held') {
        return { words: `${member} holds the service`, wakeAtMs: null }
      }
      continue
    }
    const evidence = evidenceOn(world, view, member, null)
    if (evidence.kind === 'missing') return { words: evidence.words, wakeAtMs: evidence.wakeAtMs }
  }
  return null
}

function judge(
  world: World,
  view: ServiceView,
  place: Claimed,
  wanted: ActIntent,
  patient: boolean,
): Verdict {
  const service = view.service.name
  const expiresMs = localOf(world, service).claimedAtMs + world.cluster.claimLifeMs
  if (world.nowMs >= expiresMs) {
    const intent = withdraw(world, service, 'the claim is older than claim_life')
    return intend(patient ? { ...intent, againAtMs: world.nowMs } : intent)
  }
  const proofs: string[] = []
  const waits: string[] = []
  const wakesMs: number[] = [expiresMs]
  const asks: Intent[] = []
  for (const member of others(world, view)) {
    const answer = answerOf(world, view, member, place)
    if (answer === 'higher') return intend(withdraw(world, service, `the claim of ${member} goes first`))
    if (answer === 'held' && hears(world, member) && !patient) {
      return intend(withdraw(world, service, `${member} holds the service`))
    }
    if (answer === 'held' && world.cluster.quorum && sawClaim(world, member, place.since)) {
      // A newer word than any evidence. Where the holder is on its way down, it is waited for while it is heard.
      if (!hears(world, member))
        return intend(
          withdraw(world, service, `${member} is silent, and its newest word is that it holds the service`),
        )
      waits.push(`${member} still holds the service`)
      continue
    }
    if (answer === 'free') continue
    const evidence = evidenceOn(world, view, member, place.since)
    switch (evidence.kind) {
      case 'proven':
        proofs.push(evidence.words)
        break
      case 'ask':
        asks.push({ do: 'check addresses', service, claim: place.since, why: `${member} is silent` })
        break
      case 'missing':
        waits.push(
          answer === 'held' && hears(world, member) ? `${member} still holds the service` : evidence.words,
        )
        if (evidence.wakeAtMs !== null) wakesMs.push(evidence.wakeAtMs)
        break
    }
  }
  if (asks.length > 0)
    return { intents: asks.slice(0, 1), note: 'asking for the addresses of the service', wakesMs }
  if (waits.length > 0) return { intents: [], note: waits.join('; '), wakesMs }
  const why = proofs.length === 0 ? wanted.why : `${wanted.why} (${proofs.join('; ')})`
  return intend({
    ...wanted,
    why,
    generation: place.generation,
    addressesSilent: asked(world, service, place),
  })
}

/** Was it asked under this claim whether anybody answers for the addresses, and nobody did? Then it is not asked again. */
function asked(world: World, service: string, place: Claimed): boolean {
  const check = localOf(world, service).addressCheck
  return check !== null && check.claim === place.since && check.result === 'silent'
}

export function withdraw(world: World, service: string, why: string): Extract<Intent, { do: 'withdraw' }> {
  // Random, so that two claimants of the same rank do not meet again and again.
  const againAtMs = world.nowMs + world.cluster.heartbeat.intervalMs * (0.4 + 0.8 * world.random)
  return { do: 'withdraw', service, againAtMs, why }
}

const others = (world: World, view: ServiceView): readonly string[] =>
  membersOf(view).filter((node) => node !== world.self)

/**
 * An answer is a document, by whatever route, whose author had merged this claim when it wrote it, has the same configuration, and
 * neither holds the place nor claims it with a higher precedence.
 */
function answerOf(
  world: World,
  view: ServiceView,
  member: string,
  place: Claimed,
): 'free' | 'held' | 'higher' | 'none' {
  const document = world.documents[member]
  const instance = instanceOn(world, member, view.service.name)
  if (document === undefined) return 'none'
  if (instance?.place.kind === 'held') return 'held'
  if (!sawClaim(world, member, place.since)) return 'none'
  // A former member has dropped the service from its document once it was seen released.
  if (instance === null) return view.service.nodes.includes(member) ? 'none' : 'free'
  if (instance.place.kind === 'claimed' && goesFirst(instance.place.precedence, place.precedence))
    return 'higher'
  return instance.configVersion === view.service.version ? 'free' : 'none'
}

/** Had the member merged the claim when it wrote its newest document? */
const sawClaim = (world: World, member: string, since: number): boolean =>
  atLeast(world.documents[member]?.seen[world.self], {
    incarnation: ownDocument(world).incarnation,
    generation: since,
  })

function goesFirst(a: Precedence, b: Precedence): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.node < b.node)
}
