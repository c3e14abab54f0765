import { atLeast, type Place, type Precedence } from '../document.js'
import type { ActIntent, Intent } from '../intent.js'
import { hears } from '../membership.js'
import { ranked } from '../placement.js'
import { compareStamps, type Stamp } from '../register.js'
import { concerned, instanceOn, localOf, ownDocument, ownInstance, placeOn } from '../view.js'
import type { ServiceView, World } from '../world.js'
import { isNewest, nextGeneration } from '../generations.js'
import { claimOf, evidenceOn } from './evidence.js'
import { majorityObstacle, weighedWorld } from './majority.js'
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
  const first = others(world, view).find((member) => claimsBefore(world, member, { service, precedence }))
  // It ends, is granted, or its claimant falls silent.
  if (first !== undefined)
    return note(`the claim of ${first} goes first`, world.nowMs + world.cluster.heartbeat.intervalMs)
  return intend({
    do: 'claim',
    service,
    generation: nextGeneration(world, service),
    precedence,
    why: wanted.why,
  })
}

/** A claim above it would be withdrawn soon, and its number would keep the one that goes first from being granted. */
function claimsBefore(
  world: World,
  member: string,
  mine: { readonly service: string; readonly precedence: Precedence },
): boolean {
  const place = placeOn(world, member, mine.service)
  return hears(world, member) && place?.kind === 'claimed' && goesFirst(place.precedence, mine.precedence)
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
  const name = claimOf(world, service, place.since)
  const strict = weighedWorld(world, name)
  const members = others(strict, view)
  const weighed = members.map((member) => weigh(strict, view, place, member, patient))
  const ended = weighed.find((one) => one.kind === 'ended')
  if (ended !== undefined) return intend(ended.intent)
  const wakesMs = [expiresMs, ...weighed.flatMap((one) => (one.kind === 'waits' ? (one.wakeAtMs ?? []) : []))]
  const intents = weighed.flatMap((one) => (one.kind === 'acts' ? [one.intent] : []))
  const fences = intents.filter((one) => one.do === 'fence')
  if (fences.length > 0) return { intents: fences, note: 'powering silent members off', wakesMs }
  const waits = weighed.flatMap((one) => (one.kind === 'waits' ? [one.words] : []))
  // At once, and anew, where that was long ago, when nothing else is missing.
  if (intents.length > 0 && (waits.length === 0 || !isChecked(world, service, place)))
    return { intents: intents.slice(0, 1), note: 'asking for the addresses of the service', wakesMs }
  if (waits.length > 0) return { intents: [], note: waits.join('; '), wakesMs }
  const untold = majorityObstacle(strict, name, members)
  if (untold !== null) return { intents: [], note: untold, wakesMs }
  if (!isNewest(world, service, place.generation)) {
    const intent = withdraw(world, service, 'another start may have taken its number meanwhile')
    return { ...intend({ ...intent, againAtMs: world.nowMs }), wakesMs }
  }
  const proofs = weighed.flatMap((one) => (one.kind === 'proven' ? [one.words] : []))
  const why = proofs.length === 0 ? wanted.why : `${wanted.why} (${proofs.join('; ')})`
  const granted = {
    ...wanted,
    why,
    generation: place.generation,
    addressesSilent: asked(world, service, place),
  }
  return { ...intend(granted), wakesMs }
}

/** What one member's answer, or what stands in for it, means for a claim. */
type Weighed =
  | { readonly kind: 'free' }
  | { readonly kind: 'proven'; readonly words: string }
  | { readonly kind: 'waits'; readonly words: string; readonly wakeAtMs: number | null }
  /** Something has to be done to know. */
  | { readonly kind: 'acts'; readonly intent: Intent }
  /** The claim is not worth keeping. */
  | { readonly kind: 'ended'; readonly intent: Intent }

function weigh(world: World, view: ServiceView, place: Claimed, member: string, patient: boolean): Weighed {
  const service = view.service.name
  const heard = hears(world, member)
  const answer = answerOf(world, view, member, place)
  const ended = (why: string): Weighed => ({ kind: 'ended', intent: withdraw(world, service, why) })
  const holds: Weighed = { kind: 'waits', words: `${member} still holds the service`, wakeAtMs: null }
  if (answer === 'free') return { kind: 'free' }
  if (answer === 'higher') return ended(`the claim of ${member} goes first`)
  if (answer === 'held' && heard && !patient) return ended(`${member} holds the service`)
  // A newer word than any evidence. Where the holder is on its way down, it is waited for while it is heard.
  if (answer === 'held' && world.cluster.quorum && sawClaim(world, member, place.since))
    return heard ? holds : ended(`${member} is silent, and its newest word is that it holds the service`)
  const evidence = evidenceOn(world, view, member, place.since)
  switch (evidence.kind) {
    case 'proven':
      return { kind: 'proven', words: evidence.words }
    case 'ask': {
      const why = `${member} is silent`
      return { kind: 'acts', intent: { do: 'check addresses', service, claim: place.since, why } }
    }
    case 'fence':
      return { kind: 'acts', intent: { do: 'fence', node: member, why: evidence.words } }
    case 'missing':
      return answer === 'held' && heard
        ? { ...holds, wakeAtMs: evidence.wakeAtMs }
        : { ...evidence, kind: 'waits' }
  }
}

/** Was it asked under this claim whether anybody answers for the addresses? */
const isChecked = (world: World, service: string, place: Claimed): boolean =>
  localOf(world, service).addressCheck?.claim === place.since

/** Was that asked, and nobody did? Then the start does not ask again. */
const asked = (world: World, service: string, place: Claimed): boolean =>
  isChecked(world, service, place) && localOf(world, service).addressCheck?.result === 'silent'

/** Gives a claim up, and says when the next one may be made. */
export function withdraw(world: World, service: string, why: string): Extract<Intent, { do: 'withdraw' }> {
  // Random, so that two claimants of the same rank do not meet again and again.
  const againAtMs = world.nowMs + world.cluster.heartbeat.intervalMs * (0.4 + 0.8 * world.random)
  return { do: 'withdraw', service, againAtMs, why }
}

const others = (world: World, view: ServiceView): readonly string[] =>
  concerned(world, view).filter((node) => node !== world.self)

/**
 * An answer is a document, by whatever route, whose author had merged this claim when it wrote it, has the same configuration, knows no newer word of an
 * operator, and neither holds the place nor claims it with a higher precedence.
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
  if (instance.configVersion !== view.service.version) return 'none'
  return knowsNothingNewer(world, instance.words ?? {}) ? 'free' : 'none'
}

/** Whoever knows a newer word of an operator, a freeze it may be, has passed it on: it is here soon, and counts before anything is begun. */
function knowsNothingNewer(world: World, words: Readonly<Record<string, Stamp>>): boolean {
  return Object.entries(words).every(([key, stamp]) => {
    const known = world.registers[key]
    return known !== undefined && compareStamps(known.stamp, stamp) >= 0
  })
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
