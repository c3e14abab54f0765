// Three nodes, each of which may run the service.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { slowDown } from '../lab/slow.js'
import { until } from './failure.js'
import { allBut, everywhere, suffer, type Fault } from './faults.js'
import { database } from './trial-services.js'
import { openTrial, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fthr', database, { nodes: 3 })
})
afterAll(() => trial?.end())

const faults: readonly Fault[] = [
  ...everywhere,
  {
    name: 'a cut between the active node and one other, which both reach the third',
    strike: ({ stage }, { active, other }) => stage.lab.cut(active, other),
    runs: 'same',
  },
  {
    name: 'the two others crash',
    strike: async (all, { active }) => {
      await Promise.all(allBut(all, active).map((n) => all.stage.lab.node(n).crash()))
    },
    runs: 'nowhere',
  },
  {
    name: 'another one is cut off, and told that it is alone in its cluster',
    strike: async ({ stage }, { other }) => {
      await stage.lab.isolate(other)
      await stage.lab.node(other).run(['sh', '-c', alone(other)])
      await until('it knows', async () => (await stage.cluster(other)).nodes.length === 1)
    },
    runs: 'same',
    mend: async ({ stage }, { other }) => {
      expect(await stage.refusedOm(other, 'cluster check')).toContain(
        'the former ones hold beside the new ones',
      )
      await stage.lab.node(other).run(['cp', '/root/before', '/etc/longshore/cluster.yaml'])
      await until('it knows', async () => (await stage.cluster(other)).nodes.length === 3)
    },
  },
  slow('the active node hears and is heard a third of a second late', 300, 'same'),
  slow('acknowledgements reach the active node later than its lease lasts', 1400, 'elsewhere'),
]

/** Takes the others and their sections out of the configuration. */
const alone = (node: number): string =>
  `om cluster print config >/root/before &&
  sed "s/^  nodes:.*/  nodes: node${node}/; /^node#node[^${node}]/,+1d" /root/before >/etc/longshore/cluster.yaml`

/** Holds back what the active node and its peers say to each other. */
function slow(name: string, delayMs: number, runs: Fault['runs']): Fault {
  let end: () => Promise<void> = () => Promise.resolve()
  return {
    name,
    strike: async ({ stage }, { active }) => {
      end = await slowDown(stage.lab, active, delayMs)
    },
    runs,
    mend: () => end(),
  }
}

describe('never two, and up again', () => {
  it.each(faults)('$name', (fault) => suffer(trial, fault))
})

it('the active node crashes, then the one that took over: nothing starts without a majority, and with it at once', async () => {
  const first = await trial.settled()
  const fromMs = Date.now()
  await trial.stage.lab.node(first).crash()
  const second = await trial.upOn(allBut(trial, first))
  await trial.stage.lab.node(second).crash()
  await trial.staysDown()
  await trial.stage.lab.node(first).boot()
  expect(await trial.upOn(allBut(trial, second))).toBeGreaterThan(0)
  await trial.settled()
  await trial.judge('two crashes', fromMs)
})
