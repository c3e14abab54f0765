// Real faults, and what is seen of a service that must never run twice while they last.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Trial } from './trial.js'

/** So long is a fault under which the service may be anywhere: for one lapse, eviction and takeover after the other. */
const ANYWHERE_MS = 60_000

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
      await lasting(trial, name)
      break
  }
  await mend?.(trial, where)
  await trial.settled()
  await trial.judge(name, fromMs)
}

/** Up again within the bound of the fault's end, however often it was lost, evicted and taken over meanwhile. */
async function lasting({ counting, stage, upOn, runners }: Trial, name: string): Promise<void> {
  const tell = await counting()
  await sleep(ANYWHERE_MS)
  await stage.lab.heal()
  await upOn(runners)
  await tell(name)
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

type Order = readonly [number, number, number]

/** Every order in which three nodes can be booted. */
export const ORDERS: readonly Order[] = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
]

/** All crash and are booted in this order: up with the second, on one of those that may be by then, and once. */
export async function bootedInTurn(trial: Trial, [first, second, third]: Order): Promise<void> {
  await trial.settled()
  const fromMs = Date.now()
  await Promise.all(trial.stage.lab.nodes.map((node) => node.crash()))
  await trial.stage.lab.node(first).boot()
  await trial.staysDown()
  await trial.stage.lab.node(second).boot()
  const runs = await trial.upOn(trial.runners.filter((n) => n !== third))
  await trial.stage.lab.node(third).boot()
  await trial.staysOn(runs)
  await trial.judge(`all crashed, booted as ${first}, ${second}, ${third}`, fromMs)
}
