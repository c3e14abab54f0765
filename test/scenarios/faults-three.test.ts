// Three nodes, each of which may run the service.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTrial, suffer, type Fault, type Trial, type Where } from './faults.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fthr', { nodes: 3 })
})
afterAll(() => trial?.end())

const allBut = (node: number): readonly number[] => trial.runners.filter((n) => n !== node)

const faults: readonly Fault[] = [
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
    name: 'each is isolated from all others',
    strike: async ({ stage }) => {
      for (const node of stage.lab.nodes) await node.isolate()
    },
    runs: 'nowhere',
  },
  {
    name: 'nobody hears the active node, which hears everybody',
    strike: async ({ stage }, { active }) => {
      for (const deaf of allBut(active)) await stage.lab.mute(active, deaf)
    },
    runs: 'elsewhere',
  },
  {
    name: 'a cut between the active node and one other, which both reach the third',
    strike: ({ stage }, { active, other }) => stage.lab.cut(active, other),
    runs: 'same',
  },
  {
    name: 'the two others crash',
    strike: async ({ stage }, { active }: Where) => {
      await Promise.all(allBut(active).map((n) => stage.lab.node(n).crash()))
    },
    runs: 'nowhere',
  },
  {
    name: '40 % of all frames are lost',
    strike: ({ stage }) => stage.lab.lose(40),
    runs: 'anywhere',
  },
]

describe('never two, and up again', () => {
  it.each(faults)('$name', (fault) => suffer(trial, fault))
})

it('the active node crashes, then the one that took over: nothing starts without a majority, and with it at once', async () => {
  const first = await trial.settled()
  const fromMs = Date.now()
  await trial.stage.lab.node(first).crash()
  const second = await trial.upOn(allBut(first))
  await trial.stage.lab.node(second).crash()
  await trial.staysDown()
  await trial.stage.lab.node(first).boot()
  expect(await trial.upOn(allBut(second))).toBeGreaterThan(0)
  await trial.settled()
  trial.judge('two crashes', fromMs)
})

it.each([
  [1, 2, 3],
  [3, 1, 2],
])('all crash, and are booted as %i, %i, %i: up with the second, once', async (first, second, third) => {
  await trial.settled()
  const fromMs = Date.now()
  await Promise.all(trial.stage.lab.nodes.map((node) => node.crash()))
  await trial.stage.lab.node(first).boot()
  await trial.staysDown()
  await trial.stage.lab.node(second).boot()
  const runs = await trial.upOn([first, second])
  await trial.stage.lab.node(third).boot()
  await trial.staysOn(runs)
  trial.judge(`all crashed, booted as ${first}, ${second}, ${third}`, fromMs)
})
