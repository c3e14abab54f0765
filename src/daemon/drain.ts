import { askNode } from '../core/request/node.js'
import { fail, ok, type Result } from '../core/result.js'
import { holders } from '../core/view.js'
import type { ClusterRoom } from './cluster-room.js'

/** A shutdown waits this long for services to move away. */
const drainLimitMs = 300_000
const everyMs = 100

/** Moves what this node holds to others, and waits until it holds nothing. */
export async function drain({ agent, ports, node }: ClusterRoom): Promise<Result<void>> {
  const { clock } = ports
  const wasFrozen = agent.world.registers[`freeze/@${node.name}`]?.value === true
  const id = (): string => ports.rng.id()
  const granted = askNode(agent.world, { action: 'drain', node: node.name, author: 'shutdown', id })
  if (!granted.ok) return granted
  const written = agent.write(granted.value.writes)
  if (!written.ok) return written
  const untilMs = clock.nowMs() + drainLimitMs
  for (;;) {
    const services = Object.keys(agent.world.services)
    // A place is given up before the last of a stop is done.
    const held = services.filter(
      (name) => holders(agent.world, name).includes(node.name) || agent.world.actions[name] !== undefined,
    )
    if (held.length === 0) break
    if (clock.nowMs() >= untilMs) {
      return fail(
        'CONFLICT',
        `${held.join(', ')} could not be moved away in time: see the log, or stop the daemon alone with om daemon stop`,
      )
    }
    await new Promise<void>((resolve) => void clock.at(clock.nowMs() + everyMs, resolve))
  }
  if (wasFrozen) return ok(undefined)
  return agent.write([{ kind: 'freeze', name: `@${node.name}`, value: false }])
}
