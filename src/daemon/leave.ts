import { votersOf } from '../core/cluster.js'
import { declaredOff, hears } from '../core/membership.js'
import type { RegisterWrite } from '../core/register.js'
import { fail, ok, type Result } from '../core/result.js'
import { isMajority, parties, unsaid } from '../core/rules.js'
import { changeObstacle } from '../core/rules-change.js'
import { ownDocument } from '../core/view.js'
import type { World } from '../core/world.js'
import { withoutNode } from '../spec/cluster.js'
import type { ClusterRoom } from './cluster-room.js'
import type { Clock } from './ports.js'

/** How long what was said at the end is given to get around. */
const spreadMs = 1000
const lookMs = 100
/** Beyond the timeout after which the others can say that they go on without this node. */
const patienceMs = 1000

/**
 * Tells the cluster that this node leaves it, with nothing held. With quorum its vote counts until the others have agreed to go on without it: it is
 * there for so long.
 */
export async function sayLeave(room: ClusterRoom, clock: Clock): Promise<Result<void>> {
  const { agent } = room
  const missed = missedMost(agent.world)
  if (missed !== null) return fail('CONFLICT', missed)
  const writes = lastWords(agent.world)
  if (!writes.ok || writes.value.length === 0) return writes.ok ? ok(undefined) : writes
  const written = agent.write(writes.value)
  if (!written.ok) return written
  agent.put({ kind: 'leaving' })
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => void clock.at(clock.nowMs() + ms, resolve))
  const latestMs = clock.nowMs() + agent.world.cluster.heartbeat.timeoutMs + patienceMs
  const agreed = (): boolean => agent.world.rules.earlier.length === 0 || unsaid(agent.world).length === 0
  while (!agreed() && clock.nowMs() < latestMs) await wait(lookMs)
  await wait(spreadMs)
  return ok(undefined)
}

/** Why the others could not go on without this node: some do not hear of its leave, and the rest is no majority of the voters that there are now. */
function missedMost(world: World): string | null {
  // Who was taken out, and has given its word on that, has nothing more to say: it may be that nobody talks to it.
  if (!isNamed(world) && world.rules.saysAtMs === null) return null
  const others = parties(world).filter(({ name }) => name !== world.self)
  const silent = others.filter(({ name }) => !hears(world, name) && !declaredOff(world, name))
  if (!world.cluster.quorum || silent.length === 0) return null
  if (isMajority(world, (voter) => voter !== world.self && hears(world, voter))) return null
  const names = silent.map(({ name }) => name).join(', ')
  return `without ${world.self} there is no majority while ${names} cannot hear that it leaves: bring it back, or if it is off run: om node confirm-off ${silent[0]?.name}`
}

const isNamed = ({ self, cluster }: World): boolean => votersOf(cluster).includes(self)

/** What a node writes that leaves with nothing held: the cluster goes on without it, and need not wait for it. */
function lastWords(world: World): Result<readonly RegisterWrite[]> {
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
  const without = withoutNode({ text, source: 'cluster.yaml', node: self, role })
  if (!without.ok) return without
  const value = { text: without.value, author: `leave of ${self}` }
  return ok([{ kind: 'cluster', name: 'cluster', value }, goodbye])
}
