// The same with a service that is a process and no container, and what only such a one can show: each node answers for itself.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './failure.js'
import { everywhere, suffer } from './faults.js'
import { answeringProcess } from './trial-services.js'
import { openTrial, selfFence, type Trial } from './trial.js'

let trial: Trial
beforeAll(async () => {
  trial = await openTrial('fpro', answeringProcess, { nodes: 3, witness: true })
})
afterAll(() => trial?.end())

describe('never two, and up again', () => {
  it.each(everywhere)('$name', (fault) => suffer(trial, fault))
})

it('without a watchdog, paused for longer than the timeout, then resumed: its guard ends what it has at once, and no client is answered by it', async () => {
  await trial.stage.mustOm(1, selfFence('stop'))
  const active = await trial.settled()
  const [other = active] = trial.runners.filter((n) => n !== active)
  const fromMs = Date.now()
  const counted = await trial.counting()
  await trial.stage.lab.node(active).pause()
  await trial.upOn([other])
  const resumedMs = Date.now()
  await trial.stage.lab.node(active).resume()
  await until('only the other one runs it', async () => trial.watcher.now().runs.join() === `node${other}`)
  await trial.staysOn(other)
  await trial.judge('paused and resumed, with a guard alone', fromMs, { resumedMs })
  const { leasesLost, evictions, ran } = await counted('what that cost')
  expect(leasesLost[active - 1], 'leases that the paused one lost').toBeGreaterThan(0)
  expect(evictions[other - 1], 'evictions by the one that took over').toBeGreaterThan(0)
  expect(ran.slice(0, 2)).toEqual([`node${active}`, `node${other}`])
  const { two } = trial.watcher.since(fromMs)
  expect(
    two.some(({ frozen }) => frozen.join() === `node${active}`),
    'the watcher sees the frozen one beside the other',
  ).toBe(true)
  const { answered } = trial.watcher.since(resumedMs)
  expect(answered.filter((who) => who.startsWith(`node${active} `))).toEqual([])
})

it('and the watcher sees two where there are two: without quorum, an isolated node goes on', async () => {
  const { stage, watcher } = trial
  const active = await trial.settled()
  await stage.mustOm(active, 'cluster set --kw cluster.quorum=false')
  await until('everybody has it', async () =>
    (await Promise.all(trial.runners.map((n) => stage.cluster(n)))).every(({ protection }) =>
      protection.includes('quorum is off'),
    ),
  )
  const fromMs = Date.now()
  await stage.lab.isolate(active)
  await until('two run it', async () => watcher.now().runs.length === 2)
  // Else the one that gives way may do so before both were heard.
  await stage.lab.node(active).killDaemon()
  await stage.lab.heal()
  const whats = (): readonly string[] => [...new Set(watcher.since(fromMs).two.map(({ what }) => what))]
  await until('two answer for the address', async () => whats().length === 2)
  await trial.settled()
  expect(whats().toSorted()).toEqual(['two answer for the address', 'two run it'])
})
