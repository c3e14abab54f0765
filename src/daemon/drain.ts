import { askNode } from '../core/request/node.js'
import { fail, ok, type Result } from '../core/result.js'
import { holders, targetOf } from '../core/view.js'
import { frozenByDrain, rememberDrain, thawDrained } from './agent/drain-freeze.js'
import type { ClusterRoom } from './cluster-room.js'

/** A shutdown waits this long for services to move away. */
const drainLimitMs = 300_000
const everyMs = 100

/** Moves what this node holds to others, and waits until it holds nothing. What cannot move is told, and the node is as it was. */
export async function drain(room: ClusterRoom): Promise<Result<void>> {
  const { agent, ports, node } = room
  const { store } = ports
  const wasFrozen =
    agent.world.registers[`freeze/@${node.name}`]?.value === true && !frozenByDrain(store, agent.world)
  const id = (): string => ports.rng.id()
  const granted = askNode(agent.world, { action: 'drain', node: node.name, author: 'shutdown', id })
  if (!granted.ok) return granted
  const { writes, left = [] } = granted.value
  if (left.length > 0)
    return fail('CONFLICT', `no other node can take ${left.join(', ')} now: ${instead(left)}`)
  const written = agent.write(writes)
  if (!written.ok) return written
  if (wasFrozen) return movedAway(room)
  const freeze = rememberDrain(store, agent.world)
  const moved = await movedAway(room)
  thawDrained(agent, freeze)
  return moved
}

async function movedAway({ agent, ports: { clock }, node }: ClusterRoom): Promise<Result<void>> {
  const untilMs = clock.nowMs() + drainLimitMs
  for (;;) {
    const { world } = agent
    const held = Object.keys(world.services).filter((name) => holders(world, name).includes(node.name))
    // A place is given up before the last of a stop is done.
    const busy = Object.keys(world.actions)
    if (held.length + busy.length === 0) return ok(undefined)
    const still = [...new Set([...held, ...busy])].join(', ')
    // The loop ends soon: what is said behind that is lost.
    if (world.leaving) return fail('CONFLICT', `omd ends meanwhile: ${still} did not move away`)
    const stays = held.filter((name) => targetOf(world, name) === null && world.actions[name] === undefined)
    if (stays.length > 0)
      return fail('CONFLICT', `${stays.join(', ')} did not move away: see the log; ${instead(stays)}`)
    if (clock.nowMs() >= untilMs) {
      return fail('CONFLICT', `${still} did not move away in time: see the log; ${instead(held)}`)
    }
    await new Promise<void>((resolve) => void clock.at(clock.nowMs() + everyMs, resolve))
  }
}

const instead = (services: readonly string[]): string =>
  `stop ${services.length === 1 ? 'it' : 'them'} first, or stop the daemon alone with om daemon stop`
