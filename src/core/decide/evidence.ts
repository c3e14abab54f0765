import {
  atLeast,
  type ClaimName,
  type DocumentVersion,
  type NodeDocument,
  type NodeState,
} from '../document.js'
import { fenceDueMs } from '../fencing.js'
import { hasLease } from '../lease.js'
import {
  declaredOff,
  heardBy,
  hears,
  isFenced,
  justBegun,
  lastHeardMs,
  lives,
  mayBeBack,
  pulsing,
  silent,
  silentAtMs,
} from '../membership.js'
import type { RegisterEntry } from '../register.js'
import { isBehind, tallyOf } from '../rules.js'
import { localOf, ownDocument, placeOn } from '../view.js'
import { evictedBy, hasSeen } from '../voting.js'
import type { ServiceView, World } from '../world.js'

/**
 * Proof that a member which gives no answer does not run the service. Named by the word that operators read in the log.
 */
export type Evidence =
  | Proven
  /** The addresses of the service must be asked first. */
  | { readonly kind: 'ask' }
  /** It is to be powered off. */
  | { readonly kind: 'fence'; readonly words: string }
  | { readonly kind: 'missing'; readonly words: string; readonly wakeAtMs: number | null }

interface Proven {
  readonly kind: 'proven'
  readonly by: 'clean leave' | 'fenced' | 'declared off' | 'evicted' | 'permitted'
  readonly words: string
}

const missing = (words: string, wakeAtMs: number | null = null): Evidence => ({
  kind: 'missing',
  words,
  wakeAtMs,
})

/** `claim`: `since` of the standing claim; null while none stands, to see whether one would be of any use. */
export function evidenceOn(world: World, view: ServiceView, member: string, claim: number | null): Evidence {
  const document = world.documents[member]
  const held = placeOn(world, member, view.service.name)?.kind === 'held'
  const lasting = (known: DocumentVersion, proven: Proven): Evidence =>
    claim === null
      ? proven
      : unlessBack(world, { member, known, proven, claim: claimOf(world, view.service.name, claim) })
  // Its beats come before its word.
  const isBack = mayBeBack(world, member) && hears(world, member)
  if (isAway(world, document) && !held && !isBack) return lasting(document, left(member, document.state))
  const isSilent = silent(world, member)
  const off = offWord(world, member)
  if (isSilent && off !== null) return lasting(off.value, declared(off, member))
  if (isFenced(world, member)) return lasting(whileOff(world, member), fenced(world, member))
  const voted = world.cluster.quorum ? votedOut(world, view, member, claim) : null
  if (voted?.kind === 'proven' || (voted !== null && !isSilent)) return voted
  if (!isSilent) return missing(unanswered(world, member), silentAtMs(world, member))
  const others = heardBy(world, member)
  if (others.length > 0) return voted ?? missing(`${others.join(', ')} still hears ${member}`)
  if (document?.state === 'maintenance' && held) return missing(stoppedDaemon(member))
  const power = claim === null ? null : powerOff(world, member)
  return power ?? voted ?? permitted(world, view, member, claim)
}

function unanswered(world: World, member: string): string {
  if (hears(world, member) || !lives(world, member)) return `${member} is reachable and has not answered yet`
  return `${member} lives, as ${pulsing(world, member).join(', ')} shows, and cannot be asked over the network: mend that, or power ${member} off`
}

/** This node's own claim. `since`: the generation of its document in which it was first written. */
export const claimOf = (world: World, service: string, since: number): ClaimName => {
  const { incarnation } = ownDocument(world)
  return { node: world.self, incarnation, service, since }
}

/**
 * What was true of a member once is true until it comes back, and with quorum it may have come back without this node: whoever starts anything then has
 * told a majority of voters. So a majority that has seen the claim must know of nothing newer.
 */
function unlessBack(
  world: World,
  o: {
    readonly member: string
    readonly known: DocumentVersion
    readonly proven: Proven
    readonly claim: ClaimName
  },
): Evidence {
  if (!world.cluster.quorum) return o.proven
  const { votes, voters, needed } = tallyOf(world, (voter) => {
    if (voter === world.self) return true
    const seen = world.documents[voter]?.seen[o.member]
    if (isBehind(world, voter)) return false
    return hasSeen(world, voter, o.claim) && (seen === undefined || atLeast(o.known, seen))
  })
  if (votes >= needed) return o.proven
  return missing(
    `${o.proven.words}; ${votes} of ${voters} voters know of nothing newer, ${needed} are needed`,
  )
}

/** Whatever a node says before its next start. */
const whileOff = (world: World, member: string): DocumentVersion => ({
  incarnation: world.fences[member]?.incarnation ?? 0,
  generation: Number.MAX_SAFE_INTEGER,
})

/** Its daemon has ended in good order. One that left others up may be back at any time: then a majority has to know of nothing newer. */
const isAway = (world: World, document: NodeDocument | undefined): document is NodeDocument =>
  document?.state === 'left' || (document?.state === 'maintenance' && world.cluster.quorum)

const left = (member: string, state: NodeState = 'left'): Proven => ({
  kind: 'proven',
  by: 'clean leave',
  words:
    state === 'left'
      ? `${member} left the cluster with nothing held`
      : `the daemon of ${member} was stopped, and the service is not held there`,
})

const fenced = (world: World, member: string): Proven => ({
  kind: 'proven',
  by: 'fenced',
  words: `${member} was powered off: ${world.fences[member]?.detail ?? ''}`,
})

/**
 * A member that is silent and can be powered off is. Null where it cannot, or where a majority's word has to do instead: with quorum it is powered
 * off only by a node that has the majority itself, and a failing agent does not keep the majority from evicting it.
 */
function powerOff(world: World, member: string): Evidence | null {
  const agent = world.cluster.fencing[member]
  if (agent === undefined) return null
  const fence = world.fences[member]
  const failure = fence?.state === 'failed' ? fence.detail : null
  const dueMs = fenceDueMs(world, member)
  const silentForMs = world.nowMs - lastHeardMs(world, member) - world.cluster.heartbeat.timeoutMs
  const waitMs = agent.delayMs - silentForMs
  if (!hasLease(world)) return null
  if (dueMs !== null && dueMs <= world.nowMs && waitMs <= 0)
    return { kind: 'fence', words: `${member} is silent on every path: power it off by ${agent.agent}` }
  if (world.cluster.quorum) return null
  if (failure !== null)
    return missing(
      `${member} is silent, and could not be powered off: ${failure}; mend its fencing agent, or if it is off run: om node confirm-off ${member}`,
      dueMs,
    )
  if (waitMs > 0) return missing(`${member} is powered off when its delay is over`, world.nowMs + waitMs)
  return missing(`${member} is being powered off by ${agent.agent}`)
}

const stoppedDaemon = (member: string): string =>
  `the daemon of ${member} was stopped with the service up: its silence proves nothing; start it, or run: om node confirm-off ${member}`

const declared = ({ stamp }: RegisterEntry, member: string): Proven =>
  stamp.node === member
    ? left(member)
    : { kind: 'proven', by: 'declared off', words: `an operator confirmed that ${member} is off` }

/**
 * Quorum is on: a majority of voters acknowledges the member no more because of this claim, so that its lease is over and what it held was
 * stopped. The member's own newer word that it holds the place beats that: see `answerOf`.
 */
function votedOut(world: World, view: ServiceView, member: string, claim: number | null): Evidence {
  const held = placeOn(world, member, view.service.name)?.kind === 'held'
  if (world.documents[member]?.state === 'maintenance' && held) return missing(stoppedDaemon(member))
  if (claim === null) return worthClaiming(world, member, held)
  const evicting = evictedBy(world, member, claimOf(world, view.service.name, claim))
  const { votes, voters, needed } = tallyOf(
    world,
    (voter) => evicting.includes(voter) && !isBehind(world, voter),
  )
  const by = `${votes} of ${voters} voters`
  if (votes < needed)
    return missing(`${member} has not answered yet; ${by} have evicted it, ${needed} are needed`)
  return { kind: 'proven', by: 'evicted', words: `${member} is evicted by ${by} (${evicting.join(', ')})` }
}

/** Voters act on a claim that stands: one is worth writing once the member may be silent for a majority of them, too. */
function worthClaiming(world: World, member: string, held: boolean): Evidence {
  if (!silent(world, member)) return missing(unanswered(world, member), silentAtMs(world, member))
  const others = heardBy(world, member)
  if (held && others.length > 0)
    return missing(`${others.join(', ')} still hears ${member}, which holds the service`)
  return { kind: 'ask' }
}

/** Quorum is off: silence on every path for the timeout, and nobody answers for the addresses of the service. */
function permitted(world: World, view: ServiceView, member: string, claim: number | null): Evidence {
  const check = localOf(world, view.service.name).addressCheck
  if (claim === null || check === null || check.claim !== claim) {
    const begun = justBegun(world, member)
    if (begun === null) return { kind: 'ask' }
    return missing(`${begun.peer} began a moment ago and may hear ${member} yet`, begun.untilMs)
  }
  const heardMs = lastHeardMs(world, member)
  const since = Number.isFinite(heardMs) ? ` for ${((world.nowMs - heardMs) / 1000).toFixed(1)} s` : ''
  switch (check.result) {
    case 'asked':
      return missing('the addresses of the service are being asked')
    case 'answered':
      return missing(`${member} is silent, but ${check.detail}`)
    case 'silent':
      if (world.nowMs - check.atMs > staleBeats * world.cluster.heartbeat.intervalMs) return { kind: 'ask' }
      break
    case 'unchecked':
  }
  return {
    kind: 'proven',
    by: 'permitted',
    words: `${member} is silent on every path${since}, ${check.detail}; quorum is off: unprotected against split brain`,
  }
}

/**
 * While a claim waits for another member the network may be mended: a daemon is heard again then, but where it is dead only the addresses tell that the service
 * is up. So long ago nobody's answering says nothing of now.
 */
const staleBeats = 2

/** The word that a silent member is off; null where there is none, or where it lives all the same. */
function offWord(world: World, member: string): Extract<RegisterEntry, { kind: 'off' }> | null {
  const entry = world.registers[`off/${member}`]
  return entry?.kind === 'off' && declaredOff(world, member) && !lives(world, member) ? entry : null
}

/** An operator's word ends once the node is heard, a node's own with its next incarnation. */
export function isOverheard(world: World, entry: Extract<RegisterEntry, { kind: 'off' }>): boolean {
  const { name, stamp, value } = entry
  if (name === world.self || !value.off) return false
  return stamp.node === name ? !declaredOff(world, name) : lives(world, name)
}
