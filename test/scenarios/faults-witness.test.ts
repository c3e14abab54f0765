// Two nodes and a witness.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allBut, everywhere, suffer, type Fault } from './faults.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fwit', database, { nodes: 3, witness: true })
})
afterAll(() => trial?.end())

const WITNESS = 3

const faults: readonly Fault[] = [
  ...everywhere,
  {
    name: 'the active node hears nobody, and everybody hears it',
    strike: async (all, { active }) => {
      for (const mute of allBut(all, active)) await all.stage.lab.mute(mute, active)
    },
    runs: 'elsewhere',
  },
  {
    name: 'a cut of one way between the nodes, which both reach the witness',
    strike: ({ stage }, { active, other }) => stage.lab.mute(active, other),
    runs: 'same',
  },
  {
    name: 'a cut between the nodes, which both reach the witness',
    strike: ({ stage }, { active, other }) => stage.lab.cut(active, other),
    runs: 'same',
  },
  {
    name: 'the witness is lost',
    strike: ({ stage }) => stage.lab.node(WITNESS).crash(),
    runs: 'same',
  },
]

describe('never two, and up again', () => {
  it.each(faults)('$name', (fault) => suffer(trial, fault))
})

it('the witness is lost, then the active node: nobody starts anything until a majority is back', async () => {
  const active = await trial.settled()
  const fromMs = Date.now()
  await trial.stage.lab.node(WITNESS).crash()
  await trial.stage.lab.node(active).crash()
  await trial.staysDown()
  await trial.stage.lab.node(WITNESS).boot()
  const others = trial.runners.filter((n) => n !== active)
  expect(await trial.upOn(others)).toBe(others[0])
  await trial.settled()
  await trial.judge('the witness, then the active node', fromMs)
})
