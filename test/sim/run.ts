import type { decide } from '../../src/core/decide/index.js'
import { Exclusive } from './checkers/exclusive.js'
import { notLive } from './checkers/live.js'
import { Obedient } from './checkers/obedient.js'
import { saidBy } from './checkers/quiet.js'
import { Cluster } from './cluster.js'
import { scheduleOf, troubleMs, type Schedule } from './schedule.js'
import { describe, take } from './steps.js'
import { tracing } from './trace.js'

const timers = { timeoutMs: 2500, rejoinGraceMs: 4000 }
/** From all being healed to all being well, at most: rejoin, claims that have to expire first, and the actions themselves. */
const settleMs = 30_000
/** So long nothing may change in a settled cluster. */
const quietMs = 2000

export interface Outcome {
  /** What did not hold, in words; empty where everything did. */
  readonly violations: readonly string[]
  readonly trace: readonly string[]
}

/** One seed's whole story. */
export function runSeed(seed: number, rules?: typeof decide): Outcome {
  return runSchedule(scheduleOf(seed), rules)
}

/** A cluster, trouble, healing, and what must hold. */
export function runSchedule({ seed, nodes, services, steps }: Schedule, rules?: typeof decide): Outcome {
  const cluster = new Cluster({ nodes, services, seed, ...timers, ...(rules && { decide: rules }) })
  const exclusive = new Exclusive(cluster)
  const obedient = new Obedient(cluster)
  const trace: string[] = []
  const say = (text: string): void => void trace.push(`${String(cluster.clock.nowMs()).padStart(6)} ${text}`)
  cluster.watchers.push(exclusive, obedient, tracing(say))
  cluster.begin()
  cluster.clock.pass(1500)
  for (const { name } of services) cluster.ask(nodes[0] ?? '', name, 'provision')
  cluster.clock.pass(1500)
  for (const { atMs, step } of steps) {
    cluster.clock.after(atMs, () => say(describe(step, take(cluster, step))))
  }
  cluster.clock.pass(troubleMs)
  say('heal all')
  heal(cluster)
  const ended = settle(cluster, say)
  return { violations: [...exclusive.violations, ...obedient.violations, ...ended], trace }
}

function heal(cluster: Cluster): void {
  const { nodes, services } = cluster.options
  const [first = ''] = nodes
  cluster.network.heal()
  cluster.ailments.clear()
  // Daemons that are on their way out would not come back.
  cluster.clock.pass(200)
  for (const name of nodes) cluster.startDaemon(name)
  // Slow actions end, and what fails in them is there to be cleared.
  cluster.clock.pass(4500)
  for (const node of nodes) cluster.askNode(first, 'thaw', node)
  for (const { name } of services)
    for (const action of ['abort', 'clear', 'thaw'] as const) cluster.ask(first, name, action)
}

/** Waits until all is well and stays so; what is still wrong when the time is over. */
function settle(cluster: Cluster, say: (text: string) => void): readonly string[] {
  const untilMs = cluster.clock.nowMs() + settleMs
  let before = ''
  while (cluster.clock.nowMs() < untilMs) {
    cluster.clock.pass(quietMs)
    const now = saidBy(cluster)
    if (now === before && notLive(cluster).length === 0) return []
    before = now
  }
  cluster.clock.pass(quietMs)
  const restless = saidBy(cluster) === before ? [] : ['documents still change']
  const wrong = [...notLive(cluster), ...restless]
  wrong.forEach(say)
  return wrong
}
