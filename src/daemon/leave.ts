import { votersOf } from '../core/cluster.js'
import { declaredOff, hears } from '../core/membership.js'
import type { RegisterWrite } from '../core/register.js'
import { fail, ok, type Result } from '../core/result.js'
import { isMajority, older, parties, unsaid } from '../core/rules.js'
import { changeObstacle } from '../core/rules-change.js'
import { ownDocument, placeOn } from '../core/view.js'
import type { World } from '../core/world.js'
import type { Agent } from './agent/agent.js'
import type { Clock } from './ports.js'

/** How long what was said at the end is given to get around. */
const spreadMs = 1000
const lookMs = 100
/** Beyond the timeout after which the others can say that they go on without this node. */
const patienceMs = 1000

export interface LeavePorts {
  readonly agent: Pick<Agent, 'world' | 'put' | 'write'>
  readonly clock: Clock
  /** The text of the cluster's configuration without this node. */
  readonly without: (text: string, role: 'node' | 'witness') => Result<string>
}

/**
 * Tells the cluster that this node leaves it: only with nothing held, and nothing under way. With quorum its vote counts until the others have agreed to go on
 * without it: it is there for so long. `done` is called once, after a timeout and two seconds at the latest; with `CONFLICT` where it cannot leave, or the others
 * could not go on. Where that shows only after it was said, the node stays, runs nothing, and can leave again later.
 */
export function sayLeave({ agent, clock, without }: LeavePorts, done: (said: Result<void>) => void): void {
  const isOut = wasTakenOut(agent.world)
  const learns = hasSaidSo(agent.world) ? knows : hears
  const obstacle = stillHere(agent.world) ?? (isOut ? null : missedMost(agent.world, learns))
  if (obstacle !== null) return done(fail('CONFLICT', obstacle))
  const writes = lastWords(agent.world, without)
  if (!writes.ok || writes.value.length === 0) return done(writes.ok ? ok(undefined) : writes)
  const written = agent.write(writes.value)
  if (!written.ok) return done(written)
  agent.put({ kind: 'leaving' })
  const latestMs = clock.nowMs() + agent.world.cluster.heartbeat.timeoutMs + patienceMs
  const look = (): void => {
    const agreed = agent.world.rules.earlier.length === 0 || unsaid(agent.world).length === 0
    const nowMs = clock.nowMs()
    if (!agreed && nowMs < latestMs) return void clock.at(nowMs + lookMs, look)
    const missed = agreed || isOut ? null : missedMost(agent.world, knows)
    if (missed !== null)
      return done(
        fail('CONFLICT', `${missed}. ${agent.world.self} votes until then: run om cluster leave again`),
      )
    clock.at(nowMs + spreadMs, () => done(ok(undefined)))
  }
  look()
}

/** What it would leave behind. */
function stillHere(world: World): string | null {
  const { self, services, actions } = world
  const held = Object.keys(services).filter((name) => (placeOn(world, self, name)?.kind ?? 'none') !== 'none')
  if (held.length > 0)
    return `${self} still holds ${held.join(', ')}: move them away first with om node drain`
  const [running] = Object.keys(actions)
  return running === undefined
    ? null
    : `an action on ${running} still runs on ${self}: try again when it has ended`
}

/** By others, and has it given its word on that? Then it has nothing more to say, and it may be that nobody talks to it. */
const wasTakenOut = (world: World): boolean =>
  !isNamed(world) && !hasSaidSo(world) && world.rules.saysAtMs === null

/** Is the newest configuration the one by which this node leaves? */
function hasSaidSo({ self, registers }: World): boolean {
  const entry = registers['cluster/cluster']
  return entry?.kind === 'cluster' && entry.value.author === wordOf(self)
}

const wordOf = (node: string): string => `leave of ${node}`

type Ask = (world: World, voter: string) => boolean

/** Has it the configuration that this node has? What was heard of it may have been under way for long. */
function knows(world: World, voter: string): boolean {
  const word = world.documents[voter]?.rules
  return word !== undefined && !older(word.known ?? word.version, world.rules.version)
}

/** Why the others could not go on without this node: some do not hear of its leave, and the rest is no majority of the voters that there are now. */
function missedMost(world: World, learns: Ask): string | null {
  const others = parties(world).filter(({ name }) => name !== world.self)
  const silent = others.filter(({ name }) => !learns(world, name) && !declaredOff(world, name))
  if (!world.cluster.quorum || silent.length === 0) return null
  if (isMajority(world, (voter) => voter !== world.self && learns(world, voter))) return null
  const names = silent.map(({ name }) => name).join(', ')
  return `without ${world.self} there is no majority while ${names} cannot hear that it leaves: bring it back, or if it is off run: om node confirm-off ${silent[0]?.name}`
}

const isNamed = ({ self, cluster }: World): boolean => votersOf(cluster).includes(self)

/** What a node writes that leaves with nothing held: the cluster goes on without it, and need not wait for it. */
function lastWords(world: World, without: LeavePorts['without']): Result<readonly RegisterWrite[]> {
  const { self, cluster } = world
  const entry = world.registers['cluster/cluster']
  const text = entry?.kind === 'cluster' ? entry.value.text : null
  const role = cluster.witnesses.some(({ name }) => name === self) ? 'witness' : 'node'
  if (text === null || (role === 'node' && isNamed(world) && cluster.nodes.length === 1)) return ok([])
  const { incarnation } = ownDocument(world)
  // It starts nothing more: the word holds for whatever it still says until its next start.
  const off = { off: true, incarnation, generation: Number.MAX_SAFE_INTEGER }
  const goodbye = { kind: 'off', name: self, value: off } as const
  // The configuration of one that was taken out may be an old one, and is not to be made the newest.
  if (!isNamed(world)) return ok([goodbye])
  const obstacle = changeObstacle(world)
  if (obstacle !== null) return fail('CONFLICT', obstacle)
  const rest = without(text, role)
  if (!rest.ok) return rest
  const value = { text: rest.value, author: wordOf(self) }
  return ok([{ kind: 'cluster', name: 'cluster', value }, goodbye])
}
