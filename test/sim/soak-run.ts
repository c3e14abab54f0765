import { Alone } from './checkers/alone.js'
import { Exclusive } from './checkers/exclusive.js'
import { History } from './checkers/history.js'
import { notLive } from './checkers/live.js'
import { Numbered } from './checkers/numbered.js'
import { Obedient } from './checkers/obedient.js'
import { Stores } from './checkers/stores.js'
import { saidBy } from './checkers/quiet.js'
import { Cluster } from './cluster.js'
import type { Mutation } from './mutation.js'
import { letAllIn } from './joining.js'
import { reconfigure } from './reconfigure.js'
import type { Soak } from './soak.js'
import { describe, take } from './steps.js'
import { Tally } from './tally.js'
import { tracing } from './trace.js'

/** From all being healed to all being well, at most: the boot hold, a claim that has to expire first, a lease that has to end, and the actions. */
const settleMs = 90_000
const quietMs = 2000
/** A machine that lost its power comes back by itself. */
const bootMs = 20_000

export interface SoakOutcome {
  /** What did not hold, in words; empty where everything did. */
  readonly violations: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly simulatedMs: number
  /** From all being healed to all being well. */
  readonly settledMs: number
}

export interface SoakOptions {
  readonly mutation?: Mutation
  /** Each line of the story. */
  readonly say?: (line: string) => void
}

/** One seed: trouble for as long as its setting says, then healing, and what must hold. Ends with the first thing that does not. */
export function runSoak(soak: Soak, { mutation = {}, say }: SoakOptions = {}): SoakOutcome {
  const { seed, setting, nodes, witnesses, joiners, services, maxParallel, steps, buggify } = soak
  const { quorum, fencing = false, selfFence = 'watchdog', profile = 'default' } = setting
  const cluster = new Cluster({
    nodes,
    witnesses,
    joiners,
    services,
    seed,
    quorum,
    fencing,
    selfFence,
    profile,
    buggify,
    ...(maxParallel === undefined ? {} : { maxParallel }),
    drift: quorum,
    rejoinGraceMs: 10_000,
    ...mutation,
  })
  const tally = new Tally()
  const unprotected = selfFence === 'watchdog' ? null : (): void => tally.add('unprotected')
  const exclusive = quorum
    ? [new Alone(cluster, unprotected), new Numbered(cluster)]
    : [new Exclusive(cluster)]
  const stores = new Stores(cluster, () => tally.add('rolled-back store noticed'))
  const checkers = [...exclusive, new Obedient(cluster), stores]
  const history = new History(cluster)
  cluster.watchers.push(...checkers, tally, history)
  const tell = (text: string): void => say?.(`${String(cluster.clock.nowMs()).padStart(8)} ${text}`)
  if (say !== undefined) cluster.watchers.push(tracing(tell))
  const wrong = (): readonly string[] => checkers.flatMap(({ violations }) => violations)
  begin(cluster)
  const startMs = cluster.clock.nowMs()
  for (const { atMs, step } of [...steps, { atMs: setting.minutes * 60_000, step: null }]) {
    cluster.clock.pass(Math.max(startMs + atMs - cluster.clock.nowMs(), 0))
    if (wrong().length > 0) break
    if (step === null) continue
    const answer = take(cluster, step)
    tally.step(step, answer)
    tell(describe(step, answer))
    bootLater(cluster, tell)
  }
  const healedMs = cluster.clock.nowMs()
  const ended = wrong().length > 0 ? [] : [...recover(cluster, tell), ...history.missing]
  const simulatedMs = cluster.clock.nowMs()
  return {
    violations: [...wrong(), ...ended],
    counts: tally.all,
    simulatedMs,
    settledMs: simulatedMs - healedMs,
  }
}

/** Everything is up before trouble begins. A daemon may have died of what its machine does now and then: then the operator asks again. */
function begin(cluster: Cluster): void {
  const { nodes, services } = cluster.options
  cluster.begin()
  cluster.clock.pass(2000)
  for (let tries = 0; tries < 5 && services.some(({ name }) => cluster.up(name).length === 0); tries += 1) {
    for (const name of cluster.machines.keys()) cluster.startDaemon(name)
    for (const { name } of services) cluster.ask(nodes[0] ?? '', name, 'provision')
    cluster.clock.pass(4000)
  }
}

/** What a watchdog has reset boots again; what a step has crashed may boot sooner. */
function bootLater(cluster: Cluster, tell: (text: string) => void): void {
  for (const machine of cluster.machines.values()) {
    const { name, bootCount, powered } = machine
    if (powered) continue
    cluster.clock.after(bootMs, () => {
      if (machine.bootCount !== bootCount || machine.powered) return
      tell(`--- ${name} boots`)
      cluster.startDaemon(name)
    })
  }
}

/** All is healed, and operators put right what they and the faults have left; then it must be well within the bound. */
function recover(cluster: Cluster, tell: (text: string) => void): readonly string[] {
  tell('--- heal all')
  cluster.heal()
  // Daemons that are on their way out would not come back; what is slow, or hangs, ends.
  cluster.clock.pass(500)
  for (const name of cluster.machines.keys()) cluster.startDaemon(name)
  cluster.clock.pass(30_000)
  for (const name of cluster.machines.keys()) cluster.startDaemon(name)
  tidyUp(cluster)
  return settle(cluster, tell)
}

function tidyUp(cluster: Cluster): void {
  const { nodes, services } = cluster.options
  const [first = ''] = nodes
  const all = [...cluster.machines.keys()]
  letAllIn(cluster)
  if (cluster.wasReconfigured) {
    reconfigure(cluster, first, { members: all, times: 'usual' })
    cluster.clock.pass(5000)
  }
  for (const node of nodes) cluster.askNode(first, 'thaw', node)
  for (const { name } of services)
    for (const action of ['abort', 'clear', 'thaw'] as const) cluster.ask(first, name, action)
  provisionAgain(cluster)
}

/** Who left the cluster has forgotten what it has. Where clocks on the wall differ by an hour only who is ahead is given any time. */
function provisionAgain(cluster: Cluster): void {
  const { nodes, services } = cluster.options
  // What went on before ends first.
  cluster.clock.pass(2000)
  for (const node of nodes) {
    const down = services.filter(({ name }) => cluster.up(name).length === 0)
    for (const { name } of down) cluster.ask(node, name, 'provision')
    if (down.length > 0) cluster.clock.pass(4000)
  }
}

function settle(cluster: Cluster, tell: (text: string) => void): readonly string[] {
  const untilMs = cluster.clock.nowMs() + settleMs
  let before = ''
  while (cluster.clock.nowMs() < untilMs) {
    cluster.clock.pass(quietMs)
    // A fencing agent may have taken its time.
    for (const name of cluster.machines.keys()) cluster.startDaemon(name)
    const now = saidBy(cluster)
    if (now === before && notLive(cluster).length === 0) return []
    before = now
  }
  cluster.clock.pass(quietMs)
  for (const name of cluster.machines.keys()) cluster.startDaemon(name)
  const wrong = [...notLive(cluster), ...(saidBy(cluster) === before ? [] : ['documents still change'])]
  wrong.forEach((what) => tell(what))
  return wrong
}
