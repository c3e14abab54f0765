// Real faults, a service that must never run twice, and a watcher outside of the nodes as the judge.
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { ADDRESS, answering, installAnswer, PORT, PROGRAM } from '../lab/answering.js'
import type { Plan } from '../lab/index.js'
import { openStage, until, type Configuration, type Stage } from './failure.js'
import type { Two } from './sightings.js'
import { watch, type Watcher } from './watcher.js'

/** Of the default profile. */
const TIMEOUT_MS = 5000
/** The options of `om cluster set` that turn quorum on, with the times of the default profile. */
export const QUORUM = [
  'cluster.quorum=true',
  'heartbeat.interval=500ms',
  `heartbeat.timeout=${TIMEOUT_MS}ms`,
  'node.rejoin_grace_period=5s',
]
  .map((timer) => `--kw ${timer}`)
  .join(' ')

/** Of the lab's watchdogs. */
export const WATCHDOG_MS = 2000
/** The command for what a node does that cannot give up in time what it runs. */
export const selfFence = (how: 'watchdog' | 'stop'): string =>
  `cluster set --kw node.self_fence=${how} --kw node.watchdog_dev=/dev/longshore-watchdog`

/** Silence, a claim that is answered, and a start; and as much again for a machine that is busy with all the nodes at once. */
const BOUND_MS = 3 * TIMEOUT_MS

/** A guard ends what a node that was paused for too long still has within this time of the node's resumption. */
const RESUMED_MS = 1000

/** Long enough for anybody who is wrong about a fault to act on it. */
const LASTING_MS = 1.5 * TIMEOUT_MS

export interface Where {
  /** The number of the node that runs the service. */
  readonly active: number
  /** Another one that may run it. */
  readonly other: number
}

/** A fault, what is seen of the service while it lasts, and what ends it beside plugging, booting and starting everything. */
export interface Fault {
  readonly name: string
  readonly strike: (trial: Trial, where: Where) => Promise<void>
  readonly runs: 'elsewhere' | 'same' | 'nowhere' | 'anywhere'
  readonly mend?: (trial: Trial, where: Where) => Promise<void>
}

export interface Trial {
  readonly stage: Stage
  readonly watcher: Watcher
  /** The numbers of the nodes that may run the service, then of those that only vote. */
  readonly runners: readonly number[]
  readonly voters: readonly number[]
  /** The node that runs the service and answers for it; null where none does, or more than one. */
  alone(): number | null
  /** Waits until it runs on one of these nodes; which. */
  upOn(nodes: readonly number[]): Promise<number>
  /** It runs there and nowhere else, at every look, for longer than any timer, and answers in the end. */
  staysOn(node: number): Promise<void>
  /** It ends everywhere, and nobody starts it. */
  staysDown(): Promise<void>
  /** Everything repaired, everybody heard and nothing under way; where the service runs then. */
  settled(): Promise<number>
  /** Fails where two were seen since that date, but for the moment after a node was resumed. */
  judge(title: string, fromMs: number, resumedMs?: number): void
  end(): Promise<void>
}

/** Nodes with quorum on and a watchdog each, and the service up. */
export async function openTrial(name: string, plan: Partial<Plan>, more: Configuration = {}): Promise<Trial> {
  const stage = await openStage(name, { docker: false, watchdogMs: WATCHDOG_MS, ...plan })
  const { nodes, witness } = stage.lab.plan
  const numbers = stage.lab.nodes.map((_, index) => index + 1)
  const runners = witness === true ? numbers.slice(0, nodes - 1) : numbers
  for (const n of runners) {
    await installAnswer(stage.lab.node(n))
  }
  await stage.mustOm(1, `cluster set ${QUORUM}`)
  await stage.mustOm(1, selfFence('watchdog'))
  await stage.deploy('ha1', answering(runners, more))
  const watcher = await watch(stage.lab, { program: PROGRAM, address: ADDRESS, port: PORT })
  return trialOf(stage, watcher, runners, numbers.slice(runners.length))
}

function trialOf(
  stage: Stage,
  watcher: Watcher,
  runners: readonly number[],
  voters: readonly number[],
): Trial {
  const alone = (): number | null => {
    const { runs, answers } = watcher.now()
    const [only, another] = runs
    if (only === undefined || another !== undefined || answers?.split(' ')[0] !== only) return null
    return Number(only.slice('node'.length))
  }
  const upOn: Trial['upOn'] = async (nodes) => {
    const isThere = async (): Promise<boolean> => nodes.includes(alone() ?? 0)
    await until(`ha1 runs on one of node${nodes.join(', node')}`, isThere, BOUND_MS)
    return alone() ?? 0
  }
  return {
    stage,
    watcher,
    runners,
    voters,
    alone,
    upOn,
    async staysOn(node) {
      await lasting(() => expect(watcher.now().runs, 'where it runs').toEqual([`node${node}`]))
      await upOn([node])
    },
    async staysDown() {
      await until('ha1 runs nowhere', async () => watcher.now().runs.length === 0, BOUND_MS)
      await lasting(() => expect(watcher.now().runs, 'where it runs').toEqual([]))
    },
    async settled() {
      await stage.repair()
      const node = await upOn(runners)
      // The program answers before the resources behind it are up.
      await until('ha1 has come to rest', async () => {
        const { target } = await stage.service(node, 'ha1')
        return target === null && (await stage.instance(node, 'ha1', node)).monitor === 'idle'
      })
      return node
    },
    judge(title, fromMs, resumedMs = Infinity) {
      const { two, silenceMs, blindMs } = watcher.since(fromMs)
      const file = process.env['SCENARIO_LOG']
      if (file !== undefined) {
        const figures = `${title}: silent for ${silenceMs} ms at most, a look every ${blindMs} ms at least`
        appendFileSync(file, `${figures}, ${JSON.stringify(two)}\n`)
      }
      const excused = ({ fromMs: from, toMs }: Two): boolean =>
        from >= resumedMs && toMs - resumedMs <= RESUMED_MS
      expect(
        two.filter((each) => !excused(each)),
        title,
      ).toEqual([])
      expect(blindMs, 'a watcher that sleeps proves nothing').toBeLessThan(1000)
    },
    async end() {
      await watcher.end()
      await stage.end()
    },
  }
}

async function lasting(look: () => void): Promise<void> {
  for (const endMs = performance.now() + LASTING_MS; performance.now() < endMs; await sleep(100)) look()
}

/** Strikes, looks, mends, and looks again. */
export async function suffer(trial: Trial, { name, strike, runs, mend }: Fault): Promise<void> {
  const active = await trial.settled()
  const others = trial.runners.filter((n) => n !== active)
  const where = { active, other: others[0] ?? active }
  const fromMs = Date.now()
  await strike(trial, where)
  switch (runs) {
    case 'elsewhere':
      await trial.upOn(others)
      break
    case 'same':
      await trial.staysOn(active)
      break
    case 'nowhere':
      await trial.staysDown()
      break
    case 'anywhere':
      await sleep(LASTING_MS)
      break
  }
  await mend?.(trial, where)
  await trial.settled()
  trial.judge(name, fromMs)
}

/** Every node but this one, those that only vote too. */
export const allBut = ({ stage }: Trial, node: number): readonly number[] =>
  stage.lab.nodes.map((_, index) => index + 1).filter((n) => n !== node)

/** Faults that mean the same whoever the third voter is. */
export const everywhere: readonly Fault[] = [
  {
    name: 'the active node crashes',
    strike: ({ stage }, { active }) => stage.lab.node(active).crash(),
    runs: 'elsewhere',
  },
  {
    name: 'the daemon of the active node is killed, for longer than the timeout',
    strike: ({ stage }, { active }) => stage.lab.node(active).killDaemon(),
    runs: 'elsewhere',
  },
  {
    name: 'the active node is isolated',
    strike: ({ stage }, { active }) => stage.lab.isolate(active),
    runs: 'elsewhere',
  },
  {
    name: 'the active node is isolated, then its daemon is stopped and started again',
    strike: async ({ stage }, { active }) => {
      const node = stage.lab.node(active)
      await node.isolate()
      await node.stopDaemon()
      await node.startDaemon()
    },
    runs: 'elsewhere',
  },
  {
    name: 'each is isolated from all others',
    strike: async ({ stage }) => {
      for (const node of stage.lab.nodes) await node.isolate()
    },
    runs: 'nowhere',
  },
  {
    name: 'nobody hears the active node, which hears everybody',
    strike: async (trial, { active }) => {
      for (const deaf of allBut(trial, active)) await trial.stage.lab.mute(active, deaf)
    },
    runs: 'elsewhere',
  },
  {
    name: '40 % of all frames are lost',
    strike: ({ stage }) => stage.lab.lose(40),
    runs: 'anywhere',
  },
]

/** All crash and are booted in this order: up with the second, on one of those that may be by then, and once. */
export async function bootedInTurn(
  trial: Trial,
  [first, second, third]: readonly [number, number, number],
  among: readonly number[],
): Promise<void> {
  await trial.settled()
  const fromMs = Date.now()
  await Promise.all(trial.stage.lab.nodes.map((node) => node.crash()))
  await trial.stage.lab.node(first).boot()
  await trial.staysDown()
  await trial.stage.lab.node(second).boot()
  const runs = await trial.upOn(among)
  await trial.stage.lab.node(third).boot()
  await trial.staysOn(runs)
  trial.judge(`all crashed, booted as ${first}, ${second}, ${third}`, fromMs)
}
