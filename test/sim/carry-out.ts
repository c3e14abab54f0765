import type { Intent } from '../../src/core/intent.js'
import type { Buggify } from './buggify.js'
import type { Chance } from './chance.js'
import type { Cluster } from './cluster.js'
import { powerOff } from './fence.js'
import type { Daemon, Machine } from './machine.js'
import type { Work } from './work.js'

/** What the addresses of a service are asked for. */
const askMs = 300
const latestAnswerMs = 6000

export interface CarryOutPorts {
  readonly cluster: Cluster
  readonly work: Work
  readonly chance: Chance
  readonly buggify: Buggify
}

/** What a decision wants done on a machine. A daemon that has ended meanwhile does nothing more. */
export function carryOut(
  o: CarryOutPorts,
  machine: Machine,
  daemon: Daemon,
  intent: Intent,
  id: string,
): void {
  const { cluster, chance, buggify, work } = o
  if (machine.daemon !== daemon) return
  const { world } = daemon.agent
  cluster.watchers.forEach((watcher) => watcher.intends?.(machine.name, intent, world))
  if (intent.do === 'check addresses') checkAddresses(o, machine, daemon, intent)
  if (intent.do === 'abort') daemon.ends.get(intent.id)?.()
  if (intent.do === 'reboot') cluster.crash(machine.name)
  if (intent.do === 'fence') {
    const crash = (node: string): void => cluster.crash(node)
    powerOff({ by: machine, daemon, node: intent.node, chance, buggify, crash })
  }
  const service = intent.do === 'act' ? world.services[intent.service]?.service : undefined
  if (intent.do === 'act' && service !== undefined) work.act({ machine, daemon, service, intent, id })
}

/**
 * An address answers wherever the service is active and the network carries the question. What takes long in the product is the look at the interface before it:
 * the answer is known a moment after the question is out.
 */
function checkAddresses(
  { cluster, buggify }: CarryOutPorts,
  machine: Machine,
  daemon: Daemon,
  { service, claim }: Extract<Intent, { do: 'check addresses' }>,
): void {
  const lateMs = buggify.lateMs('the answer of the addresses is late', latestAnswerMs)
  machine.clock.after(lateMs + askMs, () => {
    const answering = cluster
      .up(service)
      .find((n) => n !== machine.name && cluster.network.joined(n, machine.name))
    const result = answering === undefined ? ('silent' as const) : ('answered' as const)
    const detail = answering === undefined ? 'nobody answers' : `${answering} answers for the address`
    if (machine.daemon === daemon)
      daemon.agent.put({ kind: 'addresses checked', service, claim, result, detail })
  })
}
